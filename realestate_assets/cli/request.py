"""What `realestate run` is asked for, and whether an earlier run has done it already.

Apart from `run`, which takes seconds to import: a run that stands is told without the graph.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realestate_assets.cli.report import Report
from realestate_assets.extent import counties
from realestate_assets.operations import run_state
from realestate_assets.operations.services import build_services
from realestate_assets.operations.standing import StandingRuns
from realestate_assets.settings import Settings, get_settings
from resources.errors import RealEstateError

SAMPLE_MONTHS = "2024-01:2024-06"


@dataclass(frozen=True)
class Request:
    """What the command line asked for."""

    counties: tuple[str, ...]
    months: str | None
    input_file: Path | None = None
    source: str | None = None
    select: str | None = None
    evaluate: str | None = None

    @property
    def key(self) -> str:
        """Tells it from any other request: the input by its bytes, wherever it lies.

        Raises:
            OSError: the input cannot be read.
        """
        digest = ""
        if self.input_file:
            with self.input_file.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        parts = (",".join(self.counties), self.months, digest, self.source, self.evaluate)
        return " | ".join(part or "-" for part in parts)


def state_of(request: Request, settings: Settings) -> str | None:
    """What a run of the request follows from now; None where nobody can know, or a part is asked for."""
    known = counties()
    if request.select or not set(request.counties) <= known.keys():
        return None
    services = build_services(settings)
    return run_state.inputs(request.counties, known, settings, services, services["warehouse"])


def standing_report(request: Request) -> Report | None:
    """The report of an earlier run of the same request that would come to the same; None where none would.

    Where something cannot be asked, the run will say so.
    """
    settings = get_settings()
    try:
        note = StandingRuns(settings.home).note(request.key)
        if note is None or state_of(request, settings) != note.inputs:
            return None
        if _results(request, settings) != note.results:
            return None
    except (OSError, RealEstateError):
        return None
    known = Report.__dataclass_fields__.keys()
    # Of another version of the product, whose state would differ anyway.
    return Report(**note.report, stands_since=note.ended_at) if note.report.keys() <= known else None


def kept_if_unchanged(request: Request, settings: Settings, before: str | None, report: Report) -> None:
    """Remember a run that ended well, unless what it follows from was changed while it went on."""
    if before is None:
        return
    try:
        if state_of(request, settings) == before:
            kept = {name: value for name, value in report.as_json().items() if name != "stands_since"}
            StandingRuns(settings.home).keep(request.key, before, _results(request, settings), kept)
    except (OSError, RealEstateError) as error:
        report.warnings.append(f"The run is over, but will not be known again: {error}")


def _results(request: Request, settings: Settings) -> str:
    services: Mapping[str, Any] = build_services(settings)
    return run_state.results(
        request.counties, services["lake"], services["warehouse"], services["vector_index"]
    )
