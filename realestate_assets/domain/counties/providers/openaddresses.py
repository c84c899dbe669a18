"""Configuration of the openaddresses provider."""

from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field, field_validator, model_validator

from realestate_assets.domain.counties.providers.base import ProviderConfig

KINDS = (".csv", ".csv.gz", ".geojson", ".geojson.gz")


class OpenAddressesProvider(ProviderConfig):
    """An OpenAddresses file of a county, free to download: coordinates by parcel number or by address.

    It is a file of the reference folder, so that neither a switch nor an entry in providers.yaml is needed.

    Args:
        file: path below the reference folder: CSV or GeoJSON, plain or gzipped.
        vintage: last day the file describes; it carries no date of its own.
        ask_by: the keys tried, in order. ID is a parcel number in some counties only.
        id_column: the column with the parcel number.
        id_groups: characters of each group of a parcel number, where the file drops leading zeros:
            (3, 4, 3, 2) makes `74-1339-31-2` 074133903102, and `72-369-6` 072036900600.
        source_url: where the file came from.
    """

    kind: Literal["openaddresses"]
    file: str
    vintage: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    ask_by: tuple[Literal["apn", "address"], ...] = ("apn", "address")
    id_column: str = Field(default="id", min_length=1)
    id_groups: tuple[int, ...] = ()
    source_url: str | None = None

    @field_validator("file")
    @classmethod
    def _inside(cls, value: str) -> str:
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError("file must lie below the reference folder")
        if not value.lower().endswith(KINDS):
            raise ValueError(f"file must end in one of {', '.join(KINDS)}")
        return value

    @model_validator(mode="after")
    def _is_consistent(self) -> "OpenAddressesProvider":
        if not self.ask_by or len(set(self.ask_by)) != len(self.ask_by):
            raise ValueError("ask_by must name apn, address or both, each once")
        if any(not 1 <= width <= 20 for width in self.id_groups):
            raise ValueError("id_groups are numbers of characters, 1 to 20")
        return self
