"""Who asks, what they may, and what is kept from them."""
