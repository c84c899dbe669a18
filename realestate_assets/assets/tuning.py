"""Tuning of the valuation's parameters: a study of its own, never part of a run of the graph."""

import hashlib
import json

import dagster as dg
import pandas as pd
from pydantic import Field

from realestate_assets.assets import declare
from realestate_assets.assets.valuation import read_history
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.params import ValuationParams, load_params
from realestate_assets.domain.valuation.plots import picture, trials_by_number
from realestate_assets.domain.valuation.tuning import (
    Tuning,
    accuracy_of,
    as_yaml,
    load_tuning,
    rolling_months,
)
from realestate_assets.extent import get_county, month_range
from resources.errors import PermanentError
from resources.warehouse.resource import WarehouseResource

SHOWN_TRIALS = 15


class TuningConfig(dg.Config):
    """What a study is made of; what is left out is as in config/tuning.yaml."""

    county: str = Field(description="County slug, such as king-wa.")
    months: str = Field(description="FROM:TO as YYYY-MM:YYYY-MM: months that are valued and compared.")
    trials: int | None = Field(default=None, ge=1, description="Trials of the study in all.")
    timeout_seconds: float | None = Field(default=None, gt=0, description="No trial begins after them.")
    seed: int | None = Field(default=None, ge=0, description="Of the sampler.")

    def settings(self) -> Tuning:
        """The settings of config/tuning.yaml with what is given here."""
        given = self.model_dump(include={"trials", "timeout_seconds", "seed"}, exclude_none=True)
        return load_tuning().model_copy(update=given)


def study_name(county_slug: str, months: list[str], settings: Tuning, params: ValuationParams) -> str:
    """One study a county, months, space and shipped parameters: with others, trials cannot be compared."""
    used = {"space": settings.model_dump()["space"], "params": params.model_settings()}
    version = hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest()[:8]
    return f"{county_slug} {months[0]}:{months[-1]} {version}"


def _report(
    trials: pd.DataFrame, name: str, settings: Tuning, storage_at: str
) -> dict[str, str | int | float | dg.MarkdownMetadataValue]:
    """What the UI shows: the proposal as YAML, the best trials, the course of the study."""
    best, shipped = trials.iloc[0], trials.set_index("trial").iloc[trials["trial"].argmin()]
    proposal = {path: best[path] for path in settings.space}
    whole = {
        path: int(value) if trials[path].dtype.kind == "i" else float(value)
        for path, value in proposal.items()
    }
    figures = trials.head(SHOWN_TRIALS).round(4).to_string(index=False)
    return {
        "study": name,
        "recorded_in": storage_at,
        "finished_trials": len(trials),
        "best_cod": float(best["cod"]),
        "shipped_cod": float(shipped["cod"]),
        "proposal": dg.MetadataValue.md(
            f"COD {best['cod']:.3f} against {shipped['cod']:.3f} of params.yaml. To take it over, edit "
            f"params.yaml:\n\n```yaml\n{as_yaml(whole)}```"
        ),
        "best_trials": dg.MetadataValue.md(f"```\n{figures}\n```"),
        "course": dg.MetadataValue.md(f"![COD by trial]({picture([lambda a: trials_by_number(a, trials)])})"),
    }


@declare.asset(
    declare.files(
        "tuning_study",
        grain="One study a county and range of months.",
        key=("county", "months", "fingerprint of space and parameters"),
        source="features; trials are recorded in schema tuning of the warehouse, and a study that was "
        "interrupted goes on",
        caveat="made when asked for, not with every run; its result is a proposal as YAML, which changes "
        "nothing by itself",
        on_failure="Without features or with too few sales before a month it says so: run the graph for the "
        "county's earlier months, or choose later ones. A lock that is held is the same study in another "
        "process. A study that was ended goes on with its next trial when it is started again.",
        kinds=("python", "optuna"),
    ),
    deps=["features"],
    is_partitioned=False,
)
def tuning_study(
    context: dg.AssetExecutionContext, config: TuningConfig, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Try parameters on rolling months, each valued by the sales before it."""
    # Half a second of imports that no other run needs.
    import optuna

    from realestate_assets.domain.valuation.tuning_study import open_study, tune
    from resources.warehouse.study_store import SCHEMA, study_storage

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    settings, params = config.settings(), load_params()
    county, months = get_county(config.county).slug, month_range(config.months)
    history = read_history(warehouse, "marts.features", TRAINING_COLUMNS, months, [county])
    if history.empty:
        raise PermanentError(
            "There are no features to tune on.", county=county, field="months",
            remedy=f"Run the graph first: realestate run --county {county} --months …",
        )  # fmt: skip
    simulated = bool(history.loc[history["month"].isin(months), "is_simulated"].astype(bool).all())
    prepared = rolling_months(history, months, simulated, params)
    sales = sum(len(month.price) for month in prepared)
    name = study_name(county, months, settings, params)
    context.log.info(f"{name}: {sales:,} sales of {months[0]} to {months[-1]}")

    def log_trial(trial: optuna.trial.FrozenTrial, best: float) -> None:
        seconds = trial.duration.total_seconds() if trial.duration else 0.0
        found = f"COD {trial.value:.3f} in {seconds:.0f} s, best {best:.3f}"
        context.log.info(f"trial {trial.number + 1} of {settings.trials}: {found}")

    # One process at a time: who opens a study closes the trials that a killed run left open.
    with warehouse.lock(f"tuning {name}", timeout_seconds=10):
        study = open_study(name, study_storage(warehouse), settings)
        trials = tune(study, settings, params, lambda tried: accuracy_of(prepared, tried), log_trial)
    return dg.MaterializeResult(
        metadata={"sales": sales, **_report(trials, name, settings, f"schema {SCHEMA}")}
    )
