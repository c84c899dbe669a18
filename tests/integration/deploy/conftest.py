"""The service with people of two tenants, as its own tests have it."""

from tests.integration.service.conftest import no_limits, parts

__all__ = ["no_limits", "parts"]
