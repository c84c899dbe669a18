"""A module a format: the bytes of a file to rows of text, and the columns a file has."""
