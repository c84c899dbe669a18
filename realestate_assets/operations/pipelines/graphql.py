"""The client of Dagster's GraphQL, and the places where an answer may be a refusal."""

from collections.abc import Mapping
from typing import Any

import httpx

from resources.errors import PermanentError, RealEstateError, TransientError

# A launch loads the code location anew where it has changed.
TIMEOUT_SECONDS = 30.0
NOT_FOUND = ("NotFoundError",)


class NotFoundError(RealEstateError):
    """Dagster knows no such asset, run, backfill, schedule or sensor."""


class Dagster:
    """One web server of Dagster.

    Args:
        url: its address, without /graphql.
        client: sends the requests; closed by whoever made it.
    """

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url = url.rstrip("/")
        self._client = client

    def ask(self, query: str, variables: Mapping[str, Any], *, field: str) -> dict[str, Any]:
        """The answer's one field.

        Raises:
            TransientError: the web server does not answer.
            NotFoundError: what is asked for is not there.
            PermanentError: Dagster refuses, with its own words.
        """
        answer: Any = self.ask_plain(query, variables, field=field)
        kind = str(answer.get("__typename", ""))
        if kind.endswith(NOT_FOUND):
            raise NotFoundError(str(answer.get("message") or "Dagster knows nothing of that name."))
        if kind.endswith(("Error", "Failure", "Invalid", "Conflict")):
            said = answer.get("message") or "; ".join(e["message"] for e in answer.get("errors", []))
            raise PermanentError(f"Dagster refuses: {said or kind}")
        return dict(answer)

    def ask_plain(self, query: str, variables: Mapping[str, Any], *, field: str) -> Any:
        """As `ask`, of a field that is no union.

        Raises:
            TransientError: the web server does not answer.
            PermanentError: it cannot read the question, which is of another version of Dagster.
        """
        try:
            response = self._client.post(
                f"{self.url}/graphql",
                json={"query": query, "variables": dict(variables)},
                timeout=TIMEOUT_SECONDS,
            )
        except httpx.HTTPError as error:
            raise TransientError(
                f"Dagster's web server does not answer at {self.url}: `realestate dev` starts it, and "
                "DAGSTER_WEBSERVER_URL says where it is."
            ) from error
        try:
            body = response.json()
        except ValueError:
            raise TransientError(f"At {self.url} answers something that is not Dagster.") from None
        # What went wrong in a launch comes with status 500 and an answer.
        if "errors" in body or not body.get("data"):
            said = "; ".join(str(e.get("message")) for e in body.get("errors", []))
            raise PermanentError(f"Dagster cannot answer: {said or response.status_code}")
        return body["data"][field]
