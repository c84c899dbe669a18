"""Deal boards, model cards, and how near the values came to the sales."""

from typing import Any

from fastapi import Depends
from fastapi.responses import Response
from sqlalchemy.orm import Session

from realestate_assets.domain.core.formats import is_missing
from realestate_assets.operations.market import counts
from realestate_assets.service.dependencies import TenantSession, requires
from realestate_assets.service.pages.frame import FrameOf, page_router

router = page_router()

# The standard of the IAAO on ratio studies (2013): median ratio, COD for homes, PRD, PRB.
PASS_MARKS: dict[str, tuple[float, float]] = {
    "median_ratio": (0.90, 1.10),
    "cod": (5.0, 15.0),
    "prd": (0.98, 1.03),
    "prb": (-0.05, 0.05),
}
WHOLE = "all"


def judged(study: dict[str, Any]) -> dict[str, Any]:
    """A ratio study with whether each figure passes; None where it is not known."""
    passes = {
        name: None if is_missing(study[name]) else low <= study[name] <= high
        for name, (low, high) in PASS_MARKS.items()
    }
    return {**study, "passes": passes}


def of_county(session: Session, county: dict[str, Any]) -> dict[str, Any]:
    """A county with the study of its newest month and the decisions about its models."""
    name, month = county["county"], county["newest_month"]
    studies = [judged(each) for each in counts.studies_of(session, name, month)] if month else []
    return {
        **county,
        "studies": [each for each in studies if each["group_value"] == WHOLE],
        "groups": [each for each in studies if each["group_value"] != WHOLE],
        "models": counts.models_of(session, name)[:6],
    }


@router.get("/boards", dependencies=[Depends(requires("documents:read"))])
def boards(framed: FrameOf, session: TenantSession) -> Response:
    """The page."""
    found = [of_county(session, each) for each in counts.list_counties(session)]
    waiting = [each for each in found if not each["newest_month"]]
    return framed.show("boards", "Boards and back-test", counties=found, waiting=waiting, marks=PASS_MARKS)
