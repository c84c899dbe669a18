"""Enrichment providers: each turns property records into per-field facts with provenance."""
