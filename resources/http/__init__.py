"""Calls of APIs: budgets, rate limits, retries, kept answers, and the ledger of it all."""
