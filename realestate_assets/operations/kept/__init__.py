"""What people keep: searches with their alerts, marks of homes, and what is recommended by them."""
