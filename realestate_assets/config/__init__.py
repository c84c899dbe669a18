"""Settings that are data: counties, scoring, valuation parameters."""
