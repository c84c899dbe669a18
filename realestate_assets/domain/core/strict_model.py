"""The base of every settings model."""

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """A frozen model that refuses keys it does not know, so that a typing error in YAML is found."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
