"""Pure Python: takes and returns frames and values; imports no Dagster and opens no connection."""
