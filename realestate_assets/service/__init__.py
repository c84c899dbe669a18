"""The service: an API over the platform, thin over `operations` and `domain`; it knows no asset, no graph."""
