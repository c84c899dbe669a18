"""What the Census data API replies: a list of lists of text, read by its header; or words about a mistake."""

import re
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from realestate_assets.domain.core.convert import clean
from realestate_assets.providers.replies import read_json
from resources.errors import PermanentError
from resources.http.api import ApiAnswer, Failure

ZCTA = "zip code tabulation area"
UNKNOWN_VARIABLE = re.compile(r"unknown variable '(?P<name>[^']*)'")
KEY_PAGE = re.compile(rb"<title>[^<]*\b(?P<what>invalid|missing) key", re.IGNORECASE)


@dataclass(frozen=True)
class Asker:
    """Who asked, for the message of an error."""

    county_slug: str
    source: str

    def error(self, message: str, remedy: str, field: str | None = None) -> PermanentError:
        """What the API said that a retry cannot mend."""
        return PermanentError(
            message, county=self.county_slug, source=self.source, field=field, remedy=remedy
        )


@dataclass(frozen=True)
class ZipFigures:
    """Figures as text by variable for the ZIPs of a reply; or why there are none.

    `columns` holds every variable asked for as the Bureau gave it, codes for "no figure" among them.
    """

    zips: pa.Array
    columns: dict[str, pa.Array]
    failure: Failure | None = None

    @classmethod
    def none(cls, variables: tuple[str, ...], failure: Failure | None = None) -> "ZipFigures":
        """No ZIP at all."""
        empty = pa.nulls(0, pa.string())
        return cls(empty, dict.fromkeys(variables, empty), failure)


def refuses_geography(answer: ApiAnswer) -> bool:
    """True where the API does not know ZCTAs in the way they were asked for: with a state, or without."""
    return answer.ok and answer.status == 400 and b"geograph" in answer.body.lower()


def read_figures(answer: ApiAnswer, variables: tuple[str, ...], asker: Asker) -> ZipFigures:
    """Figures of one reply.

    Raises:
        PermanentError: the API knows a variable or the release no more, or replies in another form.
    """
    if answer.ok and (answer.status or 200) >= 400:
        return _refused(answer, variables, asker)
    rows, failure, _ = read_json(answer)
    if failure is not None:
        return ZipFigures.none(variables, _key_failure(answer) or failure)
    if rows is None:  # 204: none of the ZIPs is a ZCTA
        return ZipFigures.none(variables)
    if isinstance(rows, dict) and "error" in rows:
        return ZipFigures.none(variables, Failure.BAD_ANSWER)
    return _figures(rows, variables, asker)


def _figures(rows: object, variables: tuple[str, ...], asker: Asker) -> ZipFigures:
    """The rows by their header: later releases leave geography columns out, others add some."""
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows) or not rows:
        raise asker.error(
            f"the reply is not a list of rows but {type(rows).__name__}.",
            "The API has changed its form: see api.census.gov, and this provider's module.",
        )
    header = [str(name) for name in rows[0]]
    for name in (*variables, ZCTA):
        if name not in header:
            raise asker.error(
                f"the reply has no column {name}; it has {', '.join(header[:40])}.",
                "The API has changed its columns: see api.census.gov, and this provider's module.",
                name,
            )
    if any(len(row) != len(header) for row in rows):
        return ZipFigures.none(variables, Failure.BAD_ANSWER)
    frame = pd.DataFrame(rows[1:], columns=header, dtype=object)[[ZCTA, *variables]].drop_duplicates()
    if frame[ZCTA].duplicated().any():  # two records of one ZIP: neither can be trusted
        return ZipFigures.none(variables, Failure.BAD_ANSWER)
    return ZipFigures(_text(frame[ZCTA]), {name: _text(frame[name]) for name in variables})


def _refused(answer: ApiAnswer, variables: tuple[str, ...], asker: Asker) -> ZipFigures:
    """An HTTP 4xx: words in plain text about what is wrong with the question."""
    words = " ".join(answer.body[:400].decode("utf-8", "replace").split())
    label = answer.request.endpoint
    if answer.status == 404:
        raise asker.error(
            f"the API has no release {label}.",
            "Set newest_release to one that is published.",
            "newest_release",
        )
    if found := UNKNOWN_VARIABLE.search(words):
        raise asker.error(
            f"{label} has no variable {found['name']} any more: the API answered {words!r}.",
            "Take the variable's new name from the release's list of variables.",
            found["name"],
        )
    if refuses_geography(answer):
        raise asker.error(
            f"{label} refuses ZIPs with and without their state: the API answered {words!r}.",
            "Set newest_release to a release with figures by ZCTA, or last_release_by_state.",
            ZCTA,
        )
    return ZipFigures.none(variables, _key_failure(answer) or Failure.BAD_ANSWER)


def _key_failure(answer: ApiAnswer) -> Failure | None:
    """A key the Bureau does not know ends, after a redirect, on a page for people."""
    page = KEY_PAGE.search(answer.body[:2_000])
    if page is None:
        return None
    return Failure.KEY_REFUSED if page["what"].lower() == b"invalid" else Failure.KEY_MISSING


def _text(values: pd.Series) -> pa.Array:
    return clean(pa.array([None if value is None else str(value) for value in values], pa.string()))
