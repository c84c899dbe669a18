"""Static files of the pages: scripts, styles and libraries, and nothing else that lies beside them."""

from pathlib import PurePath

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

SERVED = frozenset({".css", ".js", ".json", ".svg", ".txt", ""})
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"


class Static(StaticFiles):
    """Serves the files whose kind is served; one asked for by the mark of its content is kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file.

        Raises:
            HTTPException: 404, there is none, or it is a template.
        """
        if PurePath(path).suffix not in SERVED:
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        marked = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = FOR_GOOD if marked else ASK_AGAIN
        return response
