"""What a property says of itself in a sentence, and what a query asks."""
