"""The name of a time zone, as a type of settings and configuration."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator


def _known(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{value!r} is not a time zone of the IANA list") from error
    return value


TimezoneName = Annotated[str, AfterValidator(_known)]
