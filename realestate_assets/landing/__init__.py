"""The landing area as it fills: which files are whole, which are unfit, and what a run may read."""
