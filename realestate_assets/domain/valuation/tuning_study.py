"""A tuning study: Optuna's trials, recorded in a database, and gone on with after an interruption."""

import time
from collections.abc import Callable

import optuna
import pandas as pd
from optuna.trial import TrialState

from realestate_assets.domain.valuation.params import ValuationParams
from realestate_assets.domain.valuation.tuning import Tuning, parameter, with_values

# Parameters and their COD, MdAPE, median ratio, as the objective tells them.
Objective = Callable[[ValuationParams], dict[str, float]]


def open_study(name: str, storage: optuna.storages.BaseStorage, settings: Tuning) -> optuna.Study:
    """The study of that name, made where it is not there; trials that a killed run left open are closed."""
    study = optuna.create_study(study_name=name, storage=storage, direction="minimize", load_if_exists=True)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    # From the number of trials there are, so that one that goes on does not draw the same ones again.
    study.sampler = optuna.samplers.TPESampler(
        seed=settings.seed + len(study.trials), n_startup_trials=settings.startup_trials
    )
    return study


def tune(
    study: optuna.Study,
    settings: Tuning,
    params: ValuationParams,
    objective: Objective,
    on_trial: Callable[[optuna.trial.FrozenTrial, float], None] | None = None,
) -> pd.DataFrame:
    """Run trials until the study has `settings.trials` finished ones or the time is up.

    The first trial of a study is the shipped parameters, so that a proposal is measured against them.

    Args:
        study: of `open_study`.
        settings: number of trials, time-out, space.
        params: the shipped parameters.
        objective: what a set of parameters is worth.
        on_trial: called after each trial with it and the best COD so far.

    Returns:
        `trials_of` the study.
    """
    if not study.trials:
        study.enqueue_trial({path: parameter(params, path) for path in settings.space})
    started = time.monotonic()
    while _finished(study) < settings.trials and time.monotonic() - started < settings.timeout_seconds:
        trial = study.ask()
        figures = objective(with_values(params, _drawn(trial, settings, params)))
        for name, value in figures.items():
            trial.set_user_attr(name, value)
        done = study.tell(trial, figures["cod"])
        if on_trial:
            on_trial(done, study.best_value)
    return trials_of(study)


def trials_of(study: optuna.Study) -> pd.DataFrame:
    """One row a finished trial: number, seconds, figures, parameters; the best one first."""
    rows = [
        {
            "trial": trial.number,
            "seconds": trial.duration.total_seconds() if trial.duration else None,
            **trial.user_attrs,
            **trial.params,
        }
        for trial in study.get_trials(states=(TrialState.COMPLETE,))
    ]
    frame = pd.DataFrame(rows)
    return frame.sort_values(["cod", "trial"], ignore_index=True) if rows else frame


def _finished(study: optuna.Study) -> int:
    return len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))


def _drawn(trial: optuna.Trial, settings: Tuning, params: ValuationParams) -> dict[str, float]:
    """A value of each parameter; whole numbers where the shipped one is."""
    found: dict[str, float] = {}
    for path, span in settings.space.items():
        if isinstance(parameter(params, path), int):
            found[path] = trial.suggest_int(path, int(span.low), int(span.high), log=span.log)
        else:
            found[path] = trial.suggest_float(path, span.low, span.high, log=span.log)
    return found
