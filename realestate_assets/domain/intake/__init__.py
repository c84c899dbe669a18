"""From the bytes of a file to canonical properties and rejects, without knowing where the bytes lie."""
