"""Export and erasure of what is known of a person: the one place that does it."""
