"""What the endpoints take and answer, one module a resource, as its router."""
