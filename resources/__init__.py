"""Clients of the services the platform stands on: one module, one client. Nothing here knows a county."""
