"""What a sale does to the property tax, by state: config/property_tax_rules.yaml, typed and validated."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import RootModel, model_validator

from realestate_assets.domain.core.config_file import CONFIG_DIR, read_settings
from realestate_assets.domain.core.states import STATE_FIPS
from realestate_assets.domain.core.strict_model import StrictModel

RULES_FILE = CONFIG_DIR / "property_tax_rules.yaml"

# price: the price is the new base; value: the market value is; kept: the bill stays as it is.
TaxAfterSale = Literal["price", "value", "kept"]


class TaxRule(StrictModel):
    """The rule of one state, and the law that says so."""

    after_sale: TaxAfterSale
    source: str


class TaxRules(RootModel[dict[str, TaxRule]]):
    """The rules by state code."""

    @model_validator(mode="after")
    def _are_of_states(self) -> "TaxRules":
        if unknown := sorted(set(self.root) - set(STATE_FIPS)):
            raise ValueError(f"{unknown} are no codes of states")
        return self


@lru_cache(maxsize=4)
def load_tax_rules(path: Path = RULES_FILE) -> dict[str, TaxRule]:
    """The rules by state code.

    Raises:
        PermanentError: the file is not valid; names the state.
    """
    return read_settings(path, TaxRules).root


def tax_after_sale(state: str) -> TaxAfterSale:
    """The rule of a state; `kept` where it is not listed."""
    rule = load_tax_rules().get(state)
    return rule.after_sale if rule else "kept"
