"""Events of the market for a tenant: the feed, and webhooks that are told of it."""
