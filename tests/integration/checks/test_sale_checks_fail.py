"""The ratio study as a check: it warns where values and market sales part, and hears valid sales alone."""

import pandas as pd
import pytest

from realestate_assets.checks.valuation import MIN_SALES, values_agree_with_sales
from realestate_assets.domain.tables import SCORES
from tests.integration.checks.test_checks_fail import PARTITION, evaluate, rows
from tests.unit.assets.frame_io import features_spec

pytestmark = pytest.mark.integration
FEATURES = features_spec()


@pytest.fixture
def valued(warehouse):
    """Homes valued within 10 % of what they sold for."""
    market = 4 * MIN_SALES
    count = market + 10
    price = pd.Series(range(200_000, 200_000 + 10_000 * count, 10_000), dtype=float)
    off = 1 + 0.1 * (pd.Series(range(count)) % 3 - 1)
    value = {
        f"market_value_p{level}_usd": price * off * share
        for level, share in ((10, 0.8), (50, 1.0), (90, 1.2))
    }
    warehouse.ensure_tables([SCORES, FEATURES])
    warehouse.replace_partitions(
        SCORES, rows(SCORES, count=count, **value, value_status="valued"), [PARTITION]
    )

    def sold(sale_validity: str = "VALID", factor: float = 1.0):
        # The last ten of the homes, by the verdict and at a price of one's choice.
        prices = price.where(price.index < market, price * factor)
        verdicts = pd.Series("VALID", index=price.index).where(price.index < market, sale_validity)
        frame = rows(FEATURES, count=count, sale_price_usd=prices, sale_validity=verdicts)
        warehouse.replace_partitions(FEATURES, frame, [PARTITION])
        return evaluate(values_agree_with_sales, warehouse=warehouse)

    return sold


def test_values_far_from_market_prices_are_found(valued):
    assert valued().passed
    assert not valued(factor=5.0).passed


def test_a_sale_that_is_not_valid_is_no_witness_against_a_value(valued):
    result = valued("NON_ARMS_LENGTH_DEED", factor=0.01)
    assert result.passed
    assert result.metadata["n"].value == 4 * MIN_SALES
