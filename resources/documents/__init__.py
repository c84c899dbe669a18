"""Pages and PDFs from templates."""
