"""Where mail of a search is ended without signing in: a page that asks, one POST that does it (RFC 8058)."""

from fastapi.responses import HTMLResponse, Response

from realestate_assets.operations.kept import unsubscribe
from realestate_assets.service.dependencies import PartsOf
from realestate_assets.service.pages.frame import page_router, shown
from realestate_assets.service.parts import Parts

router = page_router()


@router.get(f"{unsubscribe.PATH}/{{token}}")
def ask(token: str, parts: PartsOf) -> Response:
    """The button: a program that opens all links of a mail ends nothing."""
    return _page(parts, token, ends=False)


@router.post(f"{unsubscribe.PATH}/{{token}}")
def end(token: str, parts: PartsOf) -> Response:
    """End it: by the button, or by a mail programme's own."""
    return _page(parts, token, ends=True)


def _page(parts: Parts, token: str, *, ends: bool) -> HTMLResponse:
    named = unsubscribe.read(parts.secret, token)
    if named is None:
        return shown("unsubscribe", "No more mail", 404, name=None, state="unknown")
    with parts.transaction(named[0]) as session:
        search = unsubscribe.search_of(session, named[1])
        if search is not None and ends:
            unsubscribe.end_mail(search)
        # Of a search that is gone there is no more mail either.
        is_over = search is None or not search.email
        name = search.name if search else None
    return shown("unsubscribe", "No more mail", name=name, state="over" if is_over else "asked")
