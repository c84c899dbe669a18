"""Earlier sales that are like a property, their adjustments, and the after-repair value."""
