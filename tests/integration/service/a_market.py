"""A small market in the warehouse: homes of three counties, valued by a model of their own sales."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from realestate_assets.app.market_views import VIEWS
from realestate_assets.domain.comparables.comparables import comparables
from realestate_assets.domain.scoring.values import value_rows
from realestate_assets.domain.search.description import describe, point_ids
from realestate_assets.domain.search.payload import payloads
from realestate_assets.domain.tables import PROPERTIES, TABLES
from realestate_assets.domain.valuation import nearby
from realestate_assets.domain.valuation.explain import contributions
from realestate_assets.domain.valuation.model import ValueModel, as_json, model_path
from realestate_assets.domain.valuation.rates import hedonic_rates
from realestate_assets.domain.valuation.train import train, training_sales
from realestate_assets.operations.market import columns, counts, details
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.vectors.embedder import EmbedderResource
from resources.vectors.index import VectorIndexResource
from resources.warehouse import migration
from resources.warehouse.resource import WarehouseResource
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

COUNTIES = ("king-wa", "cook-il", "travis-tx")
FIRST, MONTHS, NEWEST = "2014-05", 12, "2015-04"
KEY = ["county", "month", "property_id"]
OFFER_STATES = np.array(["on_offer", "under_contract", "gone"])
# Marts that the tests need, by the columns that are read of them.
MARTS = {
    "features": [c for c in columns.properties.c if c.name not in ("memo_rank",)],
    "deal_board": list(columns.properties.c),
    "score_history": list(details.score_history.c),
    "property_lifecycle": list(details.lifecycle.c),
    "market_trends": list(counts.market_trends.c),
    "data_quality": list(counts.data_quality.c),
    "field_provenance": list(counts.field_provenance.c),
    "deal_outcomes": [sa.column("county", sa.Text), sa.column("month", sa.Text)],
}


def homes_of(county: str, seed: int) -> pd.DataFrame:
    """Rows of features of all months; each home was sold in its month, and is on offer, sold or gone."""
    homes = sold_homes(FIRST, MONTHS, 60, county=county, seed=seed).reset_index(drop=True)
    random = np.random.default_rng(seed)
    n = len(homes)
    homes["property_id"] = [f"{seed:08d}-0000-5000-8000-{k:012d}" for k in range(n)]
    homes["street"] = [f"{100 + k} {('ELM', 'OAK', 'PINE')[k % 3]} ST" for k in range(n)]
    homes["city"] = np.array(["SEATTLE", "O'BRIEN", "100% CITY"])[np.arange(n) % 3]
    years = homes["month"].str[:4].astype(int)
    homes["effective_age_years"] = (years - homes["year_built"]).clip(lower=0).astype(float)
    homes["list_price_usd"] = np.round(homes["sale_price_usd"] * random.uniform(0.9, 1.2, n), -2)
    homes["offer_state"] = OFFER_STATES[np.arange(n) % 3]
    homes["is_list_price_assumed"] = False
    homes["observed_date"] = pd.to_datetime(homes["sale_date"]).dt.date
    homes["is_waterfront"] = [True if k % 11 == 0 else (None if k % 5 == 0 else False) for k in range(n)]
    homes["property_type"] = np.array(["single_family", "condo"])[(np.arange(n) % 4 == 0).astype(int)]
    for kind in ("single_family", "condo", "townhouse"):
        homes[f"is_{kind}"] = homes["property_type"] == kind
    homes["zip_median_income_usd"] = homes["zip"].map({"98004": 150_000.0, "98103": 90_000.0})
    return homes


def put(engine: sa.Engine, schema: str, table: str, frame: pd.DataFrame) -> None:
    """Append rows; what a table does not know is left out."""
    with engine.begin() as connection:
        known = {c["name"] for c in sa.inspect(connection).get_columns(table, schema=schema)}
        rows = frame[[name for name in frame if name in known]].astype(object)
        rows = rows.where(rows.notna(), None)
        target = sa.table(table, *(sa.column(name) for name in rows), schema=schema)
        connection.execute(sa.insert(target), rows.to_dict("records"))


def make_marts(engine: sa.Engine) -> None:
    """Tables with the columns that the views read, in place of dbt's."""
    metadata = sa.MetaData()
    key = ("county", "month", "property_id")
    for name, found in MARTS.items():
        has_key = {c.name for c in found} >= set(key) and name != "score_history"
        sa.Table(
            name,
            metadata,
            *(sa.Column(c.name, c.type, primary_key=has_key and c.name in key) for c in found),
            schema="marts",
        )
    with engine.begin() as connection:
        connection.execute(sa.text("create schema if not exists marts"))
        metadata.create_all(connection)


class Market:
    """What stands in the warehouse and the lake, as frames to hold answers against."""

    def __init__(self, warehouse: WarehouseResource, lake: StoreResource) -> None:
        self.engine = migration.engine(warehouse.database_url())
        warehouse.ensure_tables(TABLES.values())
        make_marts(self.engine)
        self.params = quick_params()
        self.features, self.scores, self.models = {}, {}, {}
        for seed, county in enumerate(COUNTIES, start=1):
            self._add(county, seed, lake)
        names = pd.DataFrame({"county": COUNTIES, "name": ["King", "Cook", "Travis"], "state": "WA"})
        put(self.engine, "ops", "counties", names)

    def _add(self, county: str, seed: int, lake: StoreResource) -> None:
        homes = homes_of(county, seed)
        figures = nearby.nearby_sales(
            homes[homes["month"] == NEWEST], homes, NEWEST, self.params.nearby
        ).set_index("property_id")
        for name in nearby.FIGURES:
            known = homes["property_id"].map(figures[name])
            homes[name] = known.where(homes["month"] == NEWEST, np.nan)
        model = train(training_sales(homes, NEWEST, False), "county", self.params)
        newest = homes[homes["month"] == NEWEST].sort_values("property_id").reset_index(drop=True)
        values = value_rows(newest, model)
        self.features[county], self.models[county] = homes, model
        self.scores[county] = self._scores(newest, values)
        put(self.engine, "marts", "features", homes.assign(source="test"))
        put(self.engine, "raw", "properties", homes.assign(source="test", owner_name=f"Owner of {county}"))
        put(self.engine, "raw", "scores", self.scores[county])
        self._put_details(county, homes, newest, values, model)
        self._promote(county, model, lake)

    def _scores(self, newest: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
        position = np.arange(len(newest))
        score = np.where(position % 7 == 0, np.nan, np.round(20 + (position * 37 % 75), 0).astype(float))
        told = values.drop(columns=["property_id"]).reset_index(drop=True)
        return pd.concat([newest[KEY], told], axis=1).assign(
            offer_state=newest["offer_state"],
            asking_price_usd=newest["list_price_usd"],
            is_asking_price_assumed=False,
            discount_to_value_pct=100 * (1 - newest["list_price_usd"] / values["market_value_p50_usd"]),
            comparable_count=0,
            bird_dog_score=score,
            score_class=np.where(np.isnan(score), None, np.where(score >= 65, "good", "poor")),
            reasons='{"positive": [], "negative": []}',
            neighborhood_multiplier=1.0,
            needs_review=np.where(position % 9 == 0, None, position % 6 == 1),
            config_version="v1",
            is_simulated=False,
        )

    def _put_details(
        self, county: str, homes: pd.DataFrame, newest: pd.DataFrame, values: pd.DataFrame, model: ValueModel
    ) -> None:
        rates = hedonic_rates(model.ensemble.hedonic, self.params.comparables)
        some = newest.head(5)
        put(self.engine, "raw", "comparables", comparables(some, homes, NEWEST, self.params, rates, model))
        told = contributions(model, some, values["market_value_p50_usd"].to_numpy(float)[:5])
        told = told.assign(county=county, month=NEWEST, model_id=model.model_id, is_simulated=False)
        put(self.engine, "raw", "value_contributions", told)
        said = some[KEY].assign(
            field="owner_name", provider="roll", value="Jane Doe", is_used=True, is_later_vintage=False,
            cost_usd=0.0, simulated=False,
        )  # fmt: skip
        put(self.engine, "raw", "enrichment_facts", pd.concat([said, said.assign(field="roll_use_code")]))
        quality = {
            "county": county,
            "month": NEWEST,
            "metric": "accepted",
            "detail": "all",
            "metric_value": 60.0,
        }
        put(self.engine, "marts", "data_quality", pd.DataFrame([quality]))
        rejects = {
            "county": county, "month": NEWEST, "source": "test", "source_file": "f.csv", "file_sha256": "0",
            "disposition": "rejected", "reason_code": "PRICE", "reason_codes": "PRICE", "reason": "No price.",
            "raw_record": '{"owner": "Jane Doe"}',
        }  # fmt: skip
        put(
            self.engine,
            "raw",
            "property_rejects",
            pd.DataFrame([rejects | {"source_row": k} for k in range(1, 8)]),
        )
        trend = {"county": county, "zip": "ALL", "is_simulated": False, "property_count": 60.0}
        months = sorted(homes["month"].unique())
        put(self.engine, "marts", "market_trends", pd.DataFrame([trend | {"month": m} for m in months]))

    def _promote(self, county: str, model: ValueModel, lake: StoreResource) -> None:
        lake.write_bytes(model_path(county, model.model_id), as_json(model.to_row()).encode())
        row = {
            "county": county, "month": NEWEST, "candidate_id": model.model_id, "used_id": model.model_id,
            "used_month": NEWEST, "promoted": True, "decision": "FIRST_MODEL", "reasons": "[]",
            "judged_sales": 1, "compared_sales": 0, "candidate_metrics": "{}", "champion_metrics": "{}",
            "is_simulated": False,
        }  # fmt: skip
        put(self.engine, "raw", "model_promotions", pd.DataFrame([row]))

    def newest(self, counties: Iterable[str]) -> pd.DataFrame:
        """Features with scores of the newest month of some counties."""
        scores = pd.concat([self.scores[c] for c in counties])
        features = pd.concat([self.features[c] for c in counties])
        extra = [c for c in scores if c not in features or c in KEY]
        return features[features["month"] == NEWEST].merge(scores[extra], on=KEY)


def missing_views(engine: sa.Engine) -> set[str]:
    """Views that there should be and are not."""
    with engine.connect() as connection:
        return {view.name for view in VIEWS} - set(sa.inspect(connection).get_view_names("served"))


def fill_county(index: VectorIndexResource, embedder: EmbedderResource, market: Market, county: str) -> None:
    """Put the homes of a county's newest month into the search index."""
    homes = market.features[county]
    homes = homes[homes["month"] == NEWEST].reset_index(drop=True)
    full = homes.reindex(columns=list(PROPERTIES.column_names))
    ids = point_ids(full["property_id"], full["month"])
    vectors = embedder.encode(describe(full).tolist())
    index.replace_partition(Partition(county, NEWEST), ids, vectors, payloads(full, market.scores[county]))


def fill_index(resources: Mapping[str, Any], market: Market) -> None:
    """Put the homes of all counties into the search index."""
    for county in COUNTIES:
        fill_county(resources["vector_index"], resources["embedder"], market, county)
