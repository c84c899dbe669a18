"""The trial of candidates: whose sales, which rival, what comes of it. Without Dagster."""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from realestate_assets.assets.model_archive import ModelArchive
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.valuation import promotion
from realestate_assets.domain.valuation.champions import ModelRef, champion_of
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.model import TRAINED, ValueModel, as_json
from realestate_assets.domain.valuation.out_of_fold import SALE_KEY
from realestate_assets.domain.valuation.promotion_policy import PromotionPolicy
from realestate_assets.domain.valuation.value_bands import value_bands
from resources.partition import Partition


class ChampionTrial:
    """Judges the candidates of one run, month by month; a later month sees what was decided before it."""

    def __init__(
        self, archive: ModelArchive, records: pd.DataFrame, decided: Sequence[dict], policy: PromotionPolicy
    ) -> None:
        self.archive, self.policy = archive, policy
        self.records = records
        priced = (records["sale_validity"] == VALID) & (records["sale_price_usd"] > 0)
        self.prices = records.loc[priced, [*SALE_KEY, "sale_date", "sale_price_usd"]]
        self.decided = {Partition.of(row): row for row in decided}

    def decide(self, candidate: dict) -> dict:
        """The row of model_promotions for a row of valuation_models."""
        county, month = candidate["county"], candidate["month"]
        simulated = self._is_simulated(county, month)
        trained = candidate["status"] == TRAINED
        if trained:
            self.archive.put(county, candidate)
        candidate_id = candidate["model_id"] if trained else None
        ref = self._champion(county, month, candidate_id, simulated)
        row = self._row(county, month, candidate_id, ref)
        row |= {"candidate_kind": candidate["kind"] if trained else None, "is_simulated": simulated}
        self.decided[Partition(county, month)] = row
        return row

    def _champion(
        self, county_slug: str, month: str, candidate_id: str | None, simulated: bool
    ) -> ModelRef | None:
        rows = [row for (own, _), row in self.decided.items() if own == county_slug]
        age = self.policy.champion.max_age_months
        ref = champion_of(rows, month, candidate_id, simulated, age)
        model = self.archive.model(county_slug, ref.model_id) if ref else None
        usable = model is not None and set(model.features.names) <= set(self.records.columns)
        return ref if usable else None

    def _row(self, county_slug: str, month: str, candidate_id: str | None, ref: ModelRef | None) -> dict:
        candidate = self.archive.model(county_slug, candidate_id) if candidate_id else None
        champion = self.archive.model(county_slug, ref.model_id) if ref else None
        own, sales = self._own(candidate, county_slug, month)
        theirs, known = self._own(champion, county_slug, month)
        comparison = None
        if candidate is not None and champion is not None:
            comparison = self._compare(
                candidate, sales, champion, known if ref is not None and ref.month == month else None
            )
        decision = promotion.decide(self.policy, own, theirs, comparison)
        used = ModelRef(candidate_id, month) if candidate_id and decision.promoted else ref
        shared = asdict(comparison) if comparison else {}
        judged = sales if used is not None and used.model_id == candidate_id else known
        return {
            "county": county_slug,
            "month": month,
            "candidate_id": candidate_id,
            "champion_id": ref.model_id if ref else None,
            "champion_month": ref.month if ref else None,
            "used_id": used.model_id if used else None,
            "used_month": used.month if used else None,
            "promoted": decision.promoted,
            "decision": decision.code,
            "reasons": as_json(list(decision.reasons)),
            "judged_sales": len(sales),
            "compared_sales": comparison.n if comparison else 0,
            "candidate_metrics": as_json({"own": own, "compared": shared.get("candidate")}),
            "champion_metrics": as_json({"own": theirs, "compared": shared.get("champion")}),
            "value_bands": as_json(value_bands(judged[judged["county"] == county_slug]) if used else []),
        }

    def _own(
        self, model: ValueModel | None, county_slug: str, month: str
    ) -> tuple[dict | None, pd.DataFrame]:
        """A model's figures by the sales of its own county, or of all it knows where those are too few."""
        if model is None:
            return None, self.prices.iloc[:0]
        least = self.policy.against_champion.min_sales
        sales = promotion.judged_sales(model, self.prices, month, self.policy.judged_months)
        of_county = sales[sales["county"] == county_slug]
        sales = of_county if len(of_county) >= least else sales
        return promotion.figures(sales, least), sales

    def _compare(
        self, candidate: ValueModel, sales: pd.DataFrame, champion: ValueModel, known: pd.DataFrame | None
    ) -> promotion.Comparison | None:
        """On the sales after the champion's; of the same month on those `known` to both, both out of fold."""
        least, trained = self.policy.against_champion.min_sales, candidate.sales_used
        if known is not None:
            shared = sales.merge(
                known[[*SALE_KEY, *promotion.VALUE_COLUMNS]], on=SALE_KEY, suffixes=("", "_b")
            )
            theirs = shared[[f"{name}_b" for name in promotion.VALUE_COLUMNS]]
            return promotion.compare(shared, theirs.set_axis(promotion.VALUE_COLUMNS, axis=1), least, trained)
        fresh = promotion.unseen_sales(sales, champion)
        columns = [*SALE_KEY, *(n for n in TRAINING_COLUMNS if n not in fresh.columns)]
        rows = fresh.merge(self.records[columns], on=SALE_KEY, how="left", validate="one_to_one")
        return promotion.compare(rows, champion.predict(rows), least, trained)

    def _is_simulated(self, county_slug: str, month: str) -> bool:
        own = (self.records["county"] == county_slug) & (self.records["month"] == month)
        subjects = self.records.loc[own, "is_simulated"].astype(bool)
        return bool(len(subjects)) and bool(subjects.all())
