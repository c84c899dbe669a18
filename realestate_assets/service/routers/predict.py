"""The value of a home that is not in the platform, by the promoted model of its county."""

import hashlib
from typing import Annotated, Any, cast

from fastapi import APIRouter, Body, Depends, Request

from realestate_assets.operations.predict.home import Home
from realestate_assets.operations.predict.value import MissingInputsError, predict
from realestate_assets.operations.predict.warm import NoModelError, WarmModels
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.problems import ProblemError, not_found
from realestate_assets.service.routers.of_property import count_opened, shown
from realestate_assets.service.schemas.predict import ANSWERED, ASKED, Predicted
from realestate_assets.service.security.principal import Principal

KEYS = ("county", "month", "property_id")
router = APIRouter(prefix="/predict", tags=["predict"])


async def models_of(request: Request) -> WarmModels:
    """The models that this process keeps warm."""
    return cast(WarmModels, request.app.state.models)


@router.post("", name="value", responses=shown(ANSWERED, 401, 403, 404, 422))
def value(
    parts: PartsOf,
    session: TenantSession,
    principal: Annotated[Principal, Depends(requires("predict:run"))],
    models: Annotated[WarmModels, Depends(models_of)],
    home: Annotated[Home, Body(openapi_examples={"house": {"summary": "A house", "value": ASKED}})],
) -> Predicted:
    """Value a home with an 80 % interval, its comparables and what moves the value.

    A living area and either coordinates or a ZIP are needed. All else that is missing counts as unknown, as
    in the platform's own values: the more of it, the wider the interval.
    """
    try:
        warm = models.get(
            session,
            home.county,
            home.month,
            lambda: parts.transaction(principal.tenant_id, principal.user_id),
        )
    except NoModelError:
        raise not_found("No model of this county and month") from None
    try:
        found = predict(warm, home)
    except MissingInputsError as error:
        raise ProblemError(
            422,
            "missing-inputs",
            str(error),
            errors=[(f"body.{name}", "A value cannot do without it.") for name in error.fields],
        ) from None
    # The same home again is the same valuation. Counted last: others of the tenant wait while one is counted.
    asked = hashlib.sha256(home.model_dump_json().encode()).hexdigest()
    count_opened(session, principal, [f"valued:{asked}"])
    told: dict[str, Any] = {
        name: found.value[name] for name in Predicted.model_fields if name in found.value
    } | {name: (found.arv or {}).get(name) for name in ("arv_usd", "arv_low_usd", "arv_high_usd")}
    return Predicted(
        **told,
        county=warm.promoted.county,
        month=warm.promoted.month,
        model_month=warm.promoted.used_month,
        is_simulated=warm.promoted.is_simulated,
        comparables=[_without_keys(row) for row in found.comparables],
        contributions=[_without_keys(row) for row in found.contributions],
        unknown_inputs=list(found.unknown),
    )


def _without_keys(row: dict[str, Any]) -> dict[str, Any]:
    """The home has no key of the platform's."""
    return {name: value for name, value in row.items() if name not in KEYS}
