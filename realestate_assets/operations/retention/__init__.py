"""What piles up is removed after the days that retention.yaml says: the one place that does it."""
