"""Dagster assets, one module a stage: each reads its inputs, calls the domain, attaches metadata."""
