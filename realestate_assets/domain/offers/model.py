"""What is learned from earlier offers for a month: likely sale value and chance of a gain, as a row."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from realestate_assets.domain.offers.gain import GainModel, fit_gain
from realestate_assets.domain.offers.likely import LikelyModel, fit_likely
from realestate_assets.domain.offers.params import OfferParams
from resources.errors import PermanentError

OFFER_MODEL_COLUMNS = ("offer_model_id", "likely_json", "gain_json", "params_json")


@dataclass(frozen=True)
class OfferModel:
    """Both measures of one county and month, with the parameters they were learned by."""

    likely: LikelyModel
    gain: GainModel
    params: OfferParams

    def to_row(self) -> dict[str, str]:
        """OFFER_MODEL_COLUMNS; the same content gives the same text and the same id."""
        parts = {
            "likely_json": self.likely.to_dict(),
            "gain_json": self.gain.to_dict(),
            "params_json": self.params.model_dump(mode="json"),
        }
        texts = {name: json.dumps(part, sort_keys=True, allow_nan=False) for name, part in parts.items()}
        digest = hashlib.sha256("\n".join(texts.values()).encode()).hexdigest()[:16]
        return {"offer_model_id": digest, **texts}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "OfferModel":
        """From what `to_row` gave.

        Raises:
            PermanentError: an earlier version stored it.
        """
        try:
            return cls(
                likely=LikelyModel.from_dict(json.loads(row["likely_json"])),
                gain=GainModel.from_dict(json.loads(row["gain_json"])),
                params=OfferParams.model_validate_json(row["params_json"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise PermanentError(
                f"model {row['offer_model_id']} was stored by another version: {error!r}",
                source="offer_models",
                remedy="Make the months again: --select 'offer_models,scores+'.",
            ) from error


def learn_offers(asked: pd.DataFrame, cases: pd.DataFrame, county: str, params: OfferParams) -> OfferModel:
    """Both measures of a county.

    Args:
        asked: rows of `asks.asked_sales`, of the county, and of others where its own are few.
        cases: rows of `cases.purchases`, likewise.
        county: slug.
        params: all parameters.
    """
    likely, gain = fit_likely(asked, county, params.likely), fit_gain(cases, county, params.gain)
    return OfferModel(likely, gain, params)
