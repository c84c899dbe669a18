"""Unexpected errors, told to Sentry once each: their kind, where they were raised, and nothing of the data.

Sent is the type, the message without what it quotes, the frames (file, line, function, source) and tags of
the run; no local variables, no host name, no user, no arguments of the command.
"""

import re
from typing import Any

from resources.errors import PermanentError, RealEstateError
from resources.scrub import scrub

# Foreign messages quote the value that they could not take, which may be a name or an address. Names of
# columns and files of code are of small letters, digits and underscores.
QUOTED = re.compile(r"""(?P<sign>['"])(?P<text>(?:(?!(?P=sign)).)*)(?P=sign)""", re.DOTALL)
NAME = re.compile(r"[a-z][a-z0-9_.]*")
NUMBER = re.compile(r"\d{4,}")
SEEN = "_told_to_sentry"
FLUSH_SECONDS = 3.0
# Whoever is told a message of ours is told it by an alert; these are no faults of the code.
EXPECTED = (RealEstateError, KeyboardInterrupt, SystemExit)

_is_on = False


def start(dsn: str, environment: str, version: str) -> None:
    """Tell unexpected errors from now on.

    Raises:
        PermanentError: the DSN is none.
    """
    global _is_on
    import sentry_sdk
    from sentry_sdk.utils import BadDsn

    try:
        sentry_sdk.init(
            dsn=dsn,
            environment=environment,
            release=f"realestate-os@{version}",
            # Its own hooks would tell log lines, arguments and what other libraries see.
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_breadcrumbs=0,
            traces_sample_rate=None,
            auto_session_tracking=False,
            send_client_reports=False,
            before_send=_without_data,
        )
    except BadDsn:
        raise PermanentError(
            "it is no DSN.", field="SENTRY_DSN", remedy="Mend or unset SENTRY_DSN."
        ) from None
    _is_on = True


def stop() -> None:
    """Tell no more."""
    global _is_on
    if _is_on:
        import sentry_sdk

        sentry_sdk.get_client().close(timeout=FLUSH_SECONDS)
        sentry_sdk.get_global_scope().set_client(None)
        _is_on = False


def tell(error: BaseException | None, **tags: object) -> bool:
    """Send an error where it is unexpected and was not sent; whether it was sent now."""
    if not _is_on or error is None or is_expected(error):
        return False
    chain = _chain(error)
    if any(getattr(each, SEEN, False) for each in chain):
        return False
    import sentry_sdk

    for each in chain:
        _mark(each)
    with sentry_sdk.new_scope() as scope:
        for name, value in tags.items():
            if value not in (None, ""):
                scope.set_tag(name, scrub(str(value))[:200])
        scope.capture_exception(error)
    sentry_sdk.flush(FLUSH_SECONDS)
    return True


def is_expected(error: BaseException) -> bool:
    """Whether the platform raised it on purpose, or somebody stopped it."""
    return any(isinstance(each, EXPECTED) for each in _chain(error))


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it was raised from."""
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return found


def _mark(error: BaseException) -> None:
    try:
        setattr(error, SEEN, True)
    except AttributeError:
        return  # an exception with slots: it may be told twice


def without_values(text: str) -> str:
    """A message without the values it quotes and without long numbers; names of columns stay."""
    kept = QUOTED.sub(lambda m: m[0] if NAME.fullmatch(m["text"]) else f"{m['sign']}…{m['sign']}", text)
    return scrub(NUMBER.sub("#", kept))


def _without_data(event: Any, _: Any) -> Any:
    for name in ("server_name", "user", "request", "extra", "modules", "breadcrumbs"):
        event.pop(name, None)
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = without_values(exception.get("value") or "")
    return _scrubbed(event)


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {name: _scrubbed(each) for name, each in value.items()}
    return [_scrubbed(each) for each in value] if isinstance(value, list) else value
