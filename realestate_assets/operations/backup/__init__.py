"""Backups: what cannot be made again, or only at a price, in pieces named by their content."""
