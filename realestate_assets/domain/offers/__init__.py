"""What became of earlier offers, and what that says of new ones: likely sale value, chance of a gain."""
