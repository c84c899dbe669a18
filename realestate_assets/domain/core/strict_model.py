"""The base of every settings model."""

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

UNKNOWN_KEY = "unknown_key"


class StrictModel(BaseModel):
    """A frozen model that refuses keys it does not know, so that a typing error in YAML is found."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _keys_are_known(cls, content: Any) -> Any:
        """Say which keys there are: pydantic's own words name the wrong one alone."""
        if isinstance(content, dict):
            known = [field.alias or name for name, field in cls.model_fields.items()]
            accepted = {*known, *cls.model_fields}
            if unknown := [str(key) for key in content if key not in accepted]:
                words = unknown_names("key", unknown, known)
                # Its place in the file ends in the key itself, as pydantic's own error for it would.
                raise PydanticCustomError(UNKNOWN_KEY, "{words}", {"words": words, "key": unknown[0]})
        return content


def unknown_names(what: str, unknown: list[str], known: list[str]) -> str:
    """What to say of names that are not known: what was meant perhaps, and what there is."""
    close = [match for name in unknown for match in get_close_matches(name, known, n=1)]
    meant = f"; meant is perhaps {', '.join(dict.fromkeys(close))}" if close else ""
    plural = "s" if len(unknown) > 1 else ""
    return f"there is no {what}{plural} {', '.join(unknown)}{meant}. There are: {', '.join(sorted(known))}"
