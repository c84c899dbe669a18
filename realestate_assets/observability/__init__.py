"""Runs observed from within: log lines, spans, unexpected errors and lineage, made of what Dagster tells."""
