"""Endpoints, one module a resource; each turns a request into a call of `operations`."""
