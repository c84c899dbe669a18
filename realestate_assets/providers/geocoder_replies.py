"""The Census geocoder's batch file: what is uploaded, and what comes back in another order and shape."""

import io
from dataclasses import dataclass

import pandas as pd

from resources.errors import PermanentError
from resources.http.api import ApiAnswer, Failure

SENT = ("id", "street", "city", "state", "zip")
# Columns of the reply with geographies; a row without a match ends after the third.
TOLD = (
    "id",
    "input",
    "match",
    "kind",
    "address",
    "coordinates",
    "line",
    "side",
    "state",
    "county",
    "tract",
    "block",
)
VERDICTS = ("Match", "No_Match", "Tie")
COORDINATES = r"^\s*(?P<longitude>-?\d{1,3}(?:\.\d+)?)\s*,\s*(?P<latitude>-?\d{1,2}(?:\.\d+)?)\s*$"
# The upload is split at commas, whatever stands in quotes.
PUNCTUATION = r"[\",\r\n]+"


@dataclass(frozen=True)
class Matches:
    """Rows of a reply by id (see `_typed`), or why there are none."""

    rows: pd.DataFrame
    failure: Failure | None = None


def batch_file(addresses: pd.DataFrame) -> bytes:
    """The upload: SENT without a header; what is missing stays empty."""
    plain = addresses[list(SENT)].replace(PUNCTUATION, " ", regex=True)
    return plain.to_csv(header=False, index=False).encode()


def read_matches(answer: ApiAnswer, county_slug: str, source: str) -> Matches:
    """What one reply says of each row.

    Raises:
        PermanentError: the API does not know the benchmark or vintage, or its columns have changed.
    """
    if answer.failure is not None:
        return Matches(_typed(_no_rows()), answer.failure)
    if answer.status and answer.status >= 400:
        _check_settings(answer, county_slug, source)
        return Matches(_typed(_no_rows()), Failure.BAD_ANSWER)
    rows = _parse(answer.body)
    known = rows["match"].isin(VERDICTS)
    if not known.any():  # a page or a sentence for people, or nothing
        return Matches(_typed(_no_rows()), Failure.BAD_ANSWER)
    typed = _typed(rows[known].drop_duplicates("id"))
    matched = typed["verdict"] == "Match"
    if matched.any() and not typed.loc[matched, "latitude"].notna().any():
        raise PermanentError(
            f"no match of the reply has coordinates in its column {TOLD.index('coordinates') + 1}.",
            county=county_slug,
            source=source,
            field="coordinates",
            remedy="The geocoder has changed its columns: compare them with this provider's module.",
        )
    return Matches(typed)


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=str) for name in TOLD})


def _parse(body: bytes) -> pd.DataFrame:
    try:
        return pd.read_csv(
            io.BytesIO(body),
            header=None,
            names=[*TOLD, "more"],
            index_col=False,
            dtype=str,
            keep_default_na=False,
            encoding_errors="replace",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        return _no_rows()


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Verdict, kind, longitude, latitude, county_fips and tract as text, by id."""
    rows = rows.astype("string").replace("", pd.NA)
    places = rows["coordinates"].str.extract(COORDINATES)
    county = rows["state"].str.zfill(2) + rows["county"].str.zfill(3)
    tract = county + rows["tract"].str.zfill(6)
    replies = pd.DataFrame(
        {
            "verdict": rows["match"],
            "kind": rows["kind"],
            "longitude": places["longitude"],
            "latitude": places["latitude"],
            "county_fips": county.where(county.str.fullmatch(r"\d{5}").fillna(False)),
            "tract": tract.where(tract.str.fullmatch(r"\d{11}").fillna(False)),
        }
    ).set_index(rows["id"].astype(object))
    return replies.astype(object).where(replies.notna(), None)


def _check_settings(answer: ApiAnswer, county_slug: str, source: str) -> None:
    words = " ".join(answer.body[:400].decode("utf-8", "replace").split())
    for said, field in (("benchmark", "benchmark"), ("vintage", "geography")):
        if said in words.lower():
            raise PermanentError(
                f"the geocoder refuses the {said}: {words!r}.",
                county=county_slug,
                source=source,
                field=field,
                remedy="Take one of those the geocoder lists (see geocoding.geo.census.gov).",
            )
