"""Which recorded sales say something about market prices."""
