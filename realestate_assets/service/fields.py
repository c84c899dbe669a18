"""Sparse fields: `?fields=a,b` answers with these alone, in lists and single rows alike."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, create_model

from realestate_assets.service.paging import Listed
from realestate_assets.service.problems import unfit

MAX_CHARACTERS = 2000

Fields = Annotated[
    str | None,
    Query(max_length=MAX_CHARACTERS, description="Only these fields, separated by commas; all by default."),
]


def chosen(model: type[BaseModel], fields: str | None) -> set[str] | None:
    """Fields that were asked for; None for all.

    Raises:
        ProblemError: 422, the model has no such field.
    """
    if fields is None:
        return None
    names = {name.strip() for name in fields.split(",") if name.strip()}
    if unknown := names - model.model_fields.keys():
        # Not repeated: what was sent is not shown again.
        raise unfit("query.fields", f"{len(unknown)} of them are none of {', '.join(model.model_fields)}.")
    return names or None


def sparse(model: type[BaseModel]) -> type[BaseModel]:
    """The model with no field required, as the answer to `fields` is documented."""
    optional: dict[str, Any] = {name: (field.annotation, None) for name, field in model.model_fields.items()}
    return create_model(f"{model.__name__}Fields", __doc__=model.__doc__, **optional)


def listed_of(model: type[BaseModel]) -> Any:
    """`response_model` of a list whose items may be sparse."""
    return Listed.__class_getitem__(sparse(model))


def listed(
    items: Sequence[BaseModel], next_cursor: str | None, total: int | None, names: set[str] | None
) -> dict[str, Any]:
    """A page with the chosen fields of its items, ready for `etags.answer`."""
    return {
        "items": [item.model_dump(mode="json", include=names) for item in items],
        "next_cursor": next_cursor,
        "total": total,
    }
