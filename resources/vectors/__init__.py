"""The vector index, embedded or on a server, and the sentence model."""
