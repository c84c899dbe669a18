"""What an investor memo says, from the rows of its property."""
