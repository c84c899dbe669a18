"""The provider of sign-in that the settings name."""

from urllib.parse import urlsplit

from realestate_assets.settings import Settings
from resources.errors import PermanentError
from resources.http.openid import Provider, ProviderAwayError, Registered

START = "/sign-in/provider"
CALLBACK = "/sign-in/provider/back"


def provider_of(settings: Settings) -> Provider | None:
    """The provider, where one is named."""
    issuer, secret = settings.oidc_issuer, settings.oidc_client_secret
    if issuer is None or settings.oidc_client_id is None or secret is None:
        return None
    return Provider(
        Registered(
            issuer=issuer,
            client_id=settings.oidc_client_id,
            client_secret=secret.get_secret_value(),
            redirect_uri=settings.service_base_url.rstrip("/") + CALLBACK,
        )
    )


def name_of(settings: Settings) -> str:
    """What people call the provider; empty where none is named."""
    if settings.oidc_issuer is None:
        return ""
    return settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or settings.oidc_issuer


def try_provider(settings: Settings) -> str:
    """Whether the provider answers, in words; no sign-in is tried.

    Raises:
        PermanentError: it does not.
    """
    provider = provider_of(settings)
    if provider is None:
        return "off: OIDC_ISSUER is not set, people sign in by password"
    try:
        count = provider.key_count()
    except ProviderAwayError as error:
        raise PermanentError(
            f"{settings.oidc_issuer}: {error}",
            field="OIDC_ISSUER",
            remedy="Compare OIDC_ISSUER, sign by sign, with `issuer` in its "
            "/.well-known/openid-configuration, and look whether this machine reaches it. "
            "People sign in by password meanwhile.",
        ) from None
    back = provider.registered.redirect_uri
    return f"{settings.oidc_issuer} answers, {count} keys; it sends people back to {back}"
