"""The asset graph of Real Estate OS. Import from the submodules; nothing is wired here."""
