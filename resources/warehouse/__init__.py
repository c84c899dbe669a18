"""Postgres, embedded or by URL: connections, table specs, writers, and the IO manager over them."""
