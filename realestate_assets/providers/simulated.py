"""The `simulated` provider: made-up facts for generated properties, the same in every process.

A ZIP's figures follow from SHA-256 of county and ZIP, a property's flood zone from that of its id; the level
of values and rents follows the county's market and the sample's ZIP levels. The roll is in `simulated_roll`.
"""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.enrichment_config import SIMULATED_PROVIDER
from realestate_assets.domain.tables import ENRICHMENT_GROUPS
from realestate_assets.providers.base import EnrichmentRequest, Origin, field_facts, no_facts
from realestate_assets.providers.simulated_roll import roll_values, uniforms

GROUPS = ("demographics", "rent", "flood", "assessor", "building", "owner", "tax")
ROLL_GROUPS = ("assessor", "building", "owner", "tax")
CONFIDENCE = 0.5
# Rent of 0, 1, 2 … bedrooms against that of a typical three-bedroom home.
BEDROOM_FACTORS = np.array([0.60, 0.70, 0.86, 1.00, 1.15, 1.28])
FLOOD_ZONES = ("AE", "A", "VE", "X")
FLOOD_SHARES = (0.05, 0.02, 0.01, 0.87)  # the rest is unknown, as in real determinations
NO_REASON = pa.scalar(None, pa.string())


class SimulatedProvider:
    """Made-up facts of one county, for generated properties only."""

    name = SIMULATED_PROVIDER
    simulated = True
    fields = tuple(column.name for group in GROUPS for column in ENRICHMENT_GROUPS[group])

    def __init__(self, county: County) -> None:
        self._county = county

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the wanted fields; the vintage is the end of the year before each property's month."""
        if not request.size:
            return no_facts()
        years = pc.utf8_slice_codeunits(request.properties["month"], 0, 4).to_pandas().astype(int) - 1
        origin = Origin(
            self.name,
            simulated=True,
            vintage=pa.array([date(year, 12, 31) for year in pd.unique(years)]).take(
                pa.array(pd.factorize(years)[0])
            ),
            confidence=CONFIDENCE,
        )
        values = self._zip_values(request, years) | self._flood_values(request)
        values |= self._roll_values(request, years)
        wanted = [field for field in self.fields if field in request.fields]
        no_key = pc.if_else(pc.is_null(request.properties["zip"]), pa.scalar("NO_KEY"), NO_REASON)
        no_bedrooms = pc.if_else(pc.is_null(request.properties["bedrooms"]), pa.scalar("NO_KEY"), NO_REASON)
        own = [column.name for group in ("flood", *ROLL_GROUPS) for column in ENRICHMENT_GROUPS[group]]
        reasons = dict.fromkeys(own, pa.nulls(request.size, pa.string()))
        reasons["bedroom_rent_usd"] = pc.coalesce(no_key, no_bedrooms)
        parts = [field_facts(request, f, values[f], reasons.get(f, no_key), origin) for f in wanted]
        return pa.concat_tables([no_facts(), *parts])

    def _zip_values(self, request: EnrichmentRequest, years: pd.Series) -> dict[str, pa.Array]:
        zips = request.properties["zip"].to_pandas()
        known = zips.notna().to_numpy()
        keys = zips.fillna("")

        def between(salt: str, low: float, high: float) -> np.ndarray:
            return low + (high - low) * uniforms(keys, f"{self._county.slug}|{salt}")

        home_value = self._home_value(keys, years)
        full_rent = home_value * between("yield", 0.05, 0.09) / 12
        bedrooms = request.properties["bedrooms"].to_pandas().astype(float)
        rooms = np.clip(np.floor(bedrooms.fillna(0)), 0, len(BEDROOM_FACTORS) - 1).astype(int)
        numbers = {
            "zip_population": between("population", 8_000, 60_000).round(),
            "zip_median_income_usd": (42_000 + home_value * between("income", 0.06, 0.10)).round(-2),
            "zip_median_home_value_usd": home_value.round(-2),
            "zip_median_age_years": between("age", 29, 47).round(1),
            "zip_owner_occupied_pct": between("owners", 38, 82).round(1),
            "zip_unemployment_pct": between("unemployment", 2.5, 8.0).round(1),
            "zip_median_rent_usd": (full_rent * 0.9).round(-1),
            "bedroom_rent_usd": (full_rent * BEDROOM_FACTORS[rooms]).round(-1),
        }
        has_rooms = known & bedrooms.notna().to_numpy()
        return {
            name: _text(values, has_rooms if name == "bedroom_rent_usd" else known)
            for name, values in numbers.items()
        }

    def _home_value(self, zips: pd.Series, years: pd.Series) -> np.ndarray:
        """Typical value of each ZIP in each year, USD."""
        near = 0.92 + 0.16 * uniforms(zips, f"{self._county.slug}|value")
        return self._level(zips) * self._market(years) * near

    def _roll_values(self, request: EnrichmentRequest, years: pd.Series) -> dict[str, pa.Array]:
        if not set(request.fields) & {c.name for group in ROLL_GROUPS for c in ENRICHMENT_GROUPS[group]}:
            return {}
        homes = request.properties.to_pandas()
        zip_value = self._home_value(homes["zip"].fillna(""), years)
        return {
            name: _as_text(values) for name, values in roll_values(self._county, homes, zip_value).items()
        }

    def _level(self, zips: pd.Series) -> np.ndarray:
        profile = self._county.sample.zips if self._county.sample else {}
        levels = {code: level for code, (_, _, level) in profile.items()}
        return zips.map(levels).fillna(1.0).to_numpy(float)

    def _market(self, years: pd.Series) -> np.ndarray:
        codes, distinct = pd.factorize(years)
        return np.array([self._county.market.median_price_at(f"{year}-12") for year in distinct])[codes]

    def _flood_values(self, request: EnrichmentRequest) -> dict[str, pa.Array]:
        luck = uniforms(request.properties["property_id"].to_pandas(), f"{self._county.slug}|flood")
        zone = np.searchsorted(np.cumsum(FLOOD_SHARES), luck, side="right")
        known = zone < len(FLOOD_ZONES)
        code = pa.array(np.where(known, zone, 0), mask=~known)
        hazard = ["false" if name == "X" else "true" for name in FLOOD_ZONES]
        return {
            "flood_zone_code": pc.take(pa.array(FLOOD_ZONES), code),
            "is_flood_hazard_area": pc.take(pa.array(hazard), code),
            # Most zones have no static elevation; none is made up.
            "base_flood_elevation_ft": pa.nulls(request.size, pa.string()),
        }


def _as_text(values: pd.Series) -> pa.Array:
    array = pa.array(values, from_pandas=True)
    if pa.types.is_null(array.type):
        return array.cast(pa.string())
    text = array.cast(pa.string())
    return pc.replace_substring_regex(text, r"\.0$", "") if pa.types.is_floating(array.type) else text


def _text(values: np.ndarray, known: np.ndarray) -> pa.Array:
    return pc.replace_substring_regex(pa.array(values, mask=~known).cast(pa.string()), r"\.0$", "")
