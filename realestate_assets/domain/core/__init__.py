"""What every room of the domain stands on: months, places, addresses, identity; no subject of its own."""
