"""Who may do what: every permission is a name, a role is a set of names, and this file says which.

`area:verb`; `read` is for who looks, `write` for who enters, `manage` for who decides about others.
"""

# What every role sees.
READ = frozenset(
    {
        "analytics:read",
        "counties:read",
        "documents:read",
        "events:read",
        "properties:read",
        "quality:read",
        "scores:read",
        "search:run",
        "searches:read",
        "teams:read",
        "tenant:read",
        "timeline:read",
    }
)
# One's own account, keys and password.
OWN = frozenset({"keys:write", "me:read", "me:write"})

ANALYST = frozenset(
    {
        "documents:write",
        "exports:run",
        "owners:read",
        "pipelines:read",
        "predict:run",
        "searches:write",
        "timeline:write",
        "valuations:run",
        "webhooks:read",
    }
)
UNDERWRITER = frozenset(
    {"assumptions:write", "owners:read", "predict:run", "searches:write", "timeline:write"}
)
OPS = frozenset(
    {
        "outreach:write",
        "owners:read",
        "pipelines:read",
        "pipelines:run",
        "properties:archive",
        "properties:correct",
        "properties:import",
        "sources:write",
        "system:read",
        "tasks:run",
        "timeline:write",
        "webhooks:read",
    }
)
ADMIN = frozenset(
    {
        "audit:read",
        "keys:manage",
        "teams:manage",
        "tenant:manage",
        "usage:read",
        "users:manage",
        "users:read",
        "webhooks:manage",
    }
)
ROLES: dict[str, frozenset[str]] = {
    "admin": READ | OWN | ANALYST | UNDERWRITER | OPS | ADMIN,
    "analyst": READ | OWN | ANALYST,
    "underwriter": READ | OWN | UNDERWRITER,
    "ops": READ | OWN | OPS,
    "viewer": READ | OWN,
}
# Beside their roles, of people of the tenant that looks after the installation: what shows the work of all
# tenants, such as the Dagster UI.
OPERATORS: dict[str, frozenset[str]] = {
    "admin": frozenset({"dagster:read", "dagster:run", "storage:read", "tenants:manage"}),
    "ops": frozenset({"dagster:read", "dagster:run", "storage:read"}),
    "analyst": frozenset({"dagster:read"}),
}
PERMISSIONS = frozenset().union(*ROLES.values(), *OPERATORS.values())


def permissions_of(roles: frozenset[str], is_operator: bool) -> frozenset[str]:
    """All that some roles may do together; names that are no role may do nothing."""
    tables = (ROLES, OPERATORS) if is_operator else (ROLES,)
    return frozenset().union(*(table.get(role, frozenset()) for table in tables for role in roles))
