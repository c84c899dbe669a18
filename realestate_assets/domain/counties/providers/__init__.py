"""Enrichment providers over HTTP and files, as configuration: one module a kind."""
