"""County files that the platform writes for a person: a new source in one, or a new county."""

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import yaml

from realestate_assets.domain.core.states import STATE_FIPS
from realestate_assets.domain.counties.county import BUILT_IN_DIR, County, read_county
from realestate_assets.extent import counties
from realestate_assets.landing.trial import Trial
from resources.errors import PermanentError

# A box without bounds: the person narrows it when the file has coordinates.
MARGIN_DEGREES = 0.1
UNDER_SOURCES = re.compile(r"^sources:\s*(#.*)?$", re.M)


def county_for_trial(slug: str, fips: str | None, timezone: str | None) -> County:
    """The county of this name, or a new one of which nothing is known yet.

    Raises:
        PermanentError: it is new, and what it must have is not given.
    """
    if slug in counties():
        return counties()[slug]
    if not fips or not timezone:
        raise PermanentError(
            f"{slug} is not a configured county.", field="--county",
            remedy=f"For a new one give --fips and --timezone. Configured are: {', '.join(counties())}.",
        )  # fmt: skip
    state = slug[-2:].upper()
    if STATE_FIPS.get(state) != fips[:2]:
        raise PermanentError(f"FIPS code {fips} is not of the state {state}.", field="--fips")
    return County.model_validate(_new_county(slug, fips, timezone, 1.0, (-90.0, 90.0, -180.0, 180.0)))


def county_text(slug: str, folder: Path | None) -> str | None:
    """The county's YAML in a folder of one's own as it stands now; None where there is none.

    Taken before the county is read, it tells whether somebody wrote meanwhile.
    """
    path = folder / f"{slug}.yaml" if folder else None
    return path.read_text("utf-8") if path and path.exists() else None


def write_source(county: County, trial: Trial, folder: Path | None, seen: str | None) -> Path:
    """Put the tried source first into the county's YAML, and give back where that is.

    A county that ships is copied into the folder first. What is written has been read back as a county.
    Of two that write at once the later one is refused: it would undo what it has not seen.

    Args:
        county: the county.
        trial: the source, tried.
        folder: where one's own county files lie.
        seen: `county_text` of before the county was read.

    Raises:
        PermanentError: there is no folder of one's own, the source is there already, or the YAML is another
            than was read.
    """
    if folder is None:
        raise PermanentError(
            "There is no folder for county files of yours.", field="COUNTY_CONFIG_DIR",
            remedy="Set COUNTY_CONFIG_DIR to a folder, then try again.",
        )  # fmt: skip
    if trial.source["name"] in county.raw_sources:
        raise PermanentError(
            f"{county.slug} has a source {trial.source['name']} already.", county=county.slug, field="--name",
            remedy="Call this one otherwise, or edit the YAML.",
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{county.slug}.yaml"
    shipped = BUILT_IN_DIR / target.name
    with _alone(folder):
        now = county_text(county.slug, folder)
        if now != seen:
            raise PermanentError(
                f"{target} was changed while the file was tried; nothing is written.", county=county.slug,
                remedy="Give the same command again: it reads the YAML as it is now.",
            )  # fmt: skip
        text = now or (shipped.read_text("utf-8") if shipped.exists() else _new_text(county, trial))
        # Written beside and renamed: a run may read the folder now. Only this name is a county's own.
        draft = folder / ".draft" / target.name
        draft.parent.mkdir(exist_ok=True)
        try:
            draft.write_text(_with_source(text, trial.source), "utf-8")
            read_county(draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
            draft.parent.rmdir()
    return target


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer of a folder at a time; the lock is the folder itself and ends with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def source_yaml(source: dict[str, Any]) -> str:
    """A source as it stands in a county's YAML."""
    lines = [f"  - kind: {source['kind']}"]
    rest = {name: value for name, value in source.items() if name not in ("kind", "columns")}
    lines += [f"    {name}: {_inline(value)}" for name, value in rest.items()]
    lines += ["    columns:"]
    lines += [f"      {field}: {_inline(rule)}" for field, rule in source["columns"].items()]
    return "\n".join(lines) + "\n"


def _inline(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")


def _with_source(text: str, source: dict[str, Any]) -> str:
    match = UNDER_SOURCES.search(text)
    if match is None:
        raise PermanentError(
            "The county's YAML has no line `sources:`.", field="sources",
            remedy="Put the source in by hand; it is printed without --write.",
        )  # fmt: skip
    return f"{text[: match.end()]}\n{source_yaml(source)}{text[match.end() + 1 :]}"


def _new_text(county: County, trial: Trial) -> str:
    """The YAML of a new county, its market and box taken from the file."""
    table = trial.found.properties
    prices = pc.coalesce(table["sale_price_usd"], table["list_price_usd"])
    median = pc.quantile(prices, 0.5)[0].as_py() or 1.0
    edges = [pc.min_max(table[name]).as_py() for name in ("latitude", "longitude")]
    box = (-90.0, 90.0, -180.0, 180.0)
    if edges[0]["min"] is not None and edges[1]["min"] is not None:
        (south, north), (west, east) = (
            (round(edge["min"] - MARGIN_DEGREES, 2), round(edge["max"] + MARGIN_DEGREES, 2)) for edge in edges
        )
        box = (south, north, west, east)
    content = _new_county(county.slug, county.fips, county.timezone, median, box)
    content["market"]["as_of_month"] = max(pc.unique(table["month"]).to_pylist(), default="2024-01")
    content.pop("sources")
    return yaml.safe_dump(content, sort_keys=False) + "sources:\n"


def _new_county(
    slug: str, fips: str, timezone: str, median: float, box: tuple[float, float, float, float]
) -> dict[str, Any]:
    """The least that a county must say; what is not known from a file stands at its usual value."""
    name = slug.rpartition("-")[0].replace("-", " ").title()
    return {
        "slug": slug,
        "name": f"{name} County",
        "state": slug[-2:].upper(),
        "fips": fips,
        "timezone": timezone,
        "bounds": dict(zip(("south", "north", "west", "east"), box, strict=True)),
        "market": {
            "provenance": "Median of the first file; the rest are starting values to be overridden.",
            "median_price_usd": round(median),
            "appreciation_rate": 0.03,
            "target_days_on_market": 45,
            "min_price_usd": round(median * 0.3),
            "max_price_usd": round(median * 4),
        },
        "sources": [],
    }
