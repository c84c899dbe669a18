"""People and tenants: what service and command line do with accounts, in a transaction of a tenant."""
