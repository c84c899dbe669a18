"""The deal board of a county-month: what its page and its CSV show."""
