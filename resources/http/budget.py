"""How many more calls the budget allows, and the sentence that says which bound is reached."""

from dataclasses import dataclass

from resources.http.api_policy import MICRO, ApiPolicy

# Since when a period counts, as SQL on the server's clock: all processes share it.
PERIOD_STARTS = {
    "day": "date_trunc('day', clock_timestamp() at time zone 'UTC') at time zone 'UTC'",
    "month": "date_trunc('month', clock_timestamp() at time zone 'UTC') at time zone 'UTC'",
}
PERIOD_WORDS = {"run": "a run", "day": "a day (UTC)", "month": "a month (UTC)"}


@dataclass(frozen=True)
class Allowance:
    """Calls that may still be made, and why no more."""

    calls: int | None
    sentence: str = ""


def spent_sql(policy: ApiPolicy) -> str | None:
    """A query for what is spent in each period that has a bound: $1 the API, $2 the run; None without bounds.

    Open reservations count like calls. Columns are named `usd_day`, `calls_day` and so on.
    """
    periods = sorted({period for _, period in policy.budget.limits()})
    if not periods:
        return None
    conditions = {p: f"called_at >= {PERIOD_STARTS[p]}" if p != "run" else "run_id = $2" for p in periods}
    sums = ", ".join(
        f"coalesce(sum(cost_micro_usd) filter (where {condition}), 0)::bigint as usd_{period}, "
        f"count(*) filter (where {condition}) as calls_{period}"
        for period, condition in conditions.items()
    )
    any_period = " or ".join(conditions.values())
    # $2 is always bound, so that the statement has the same parameters for every policy.
    return (
        f"select {sums} from ops.provider_calls "  # noqa: S608
        f"where api = $1 and $2::text is not null and not cached and sent and ({any_period})"
    )


def room(policy: ApiPolicy, provider: str, spent: dict[str, int]) -> Allowance:
    """How many calls fit into what is left of the tightest bound."""
    tightest = Allowance(None)
    for (unit, period), limit in policy.budget.limits().items():
        price = policy.cost_micro_usd if unit == "usd" else 1
        if price == 0:
            continue
        gone = spent[f"{unit}_{period}"]
        fits = max((limit - gone) // price, 0)
        if tightest.calls is None or fits < tightest.calls:
            tightest = Allowance(fits, _sentence(policy, provider, (unit, period), limit, gone))
    return tightest


def _sentence(policy: ApiPolicy, provider: str, bound: tuple[str, str], limit: int, gone: int) -> str:
    unit, period = bound
    setting = f"budget.{unit}_per_{period} of {policy.name or provider} in providers.yaml"
    if unit == "calls":
        return f"{provider}: the {limit:,} calls {PERIOD_WORDS[period]} are used up ({setting})."
    return (
        f"{provider}: of the {dollars(limit)} {PERIOD_WORDS[period]}, {dollars(gone)} are spent or "
        f"reserved and a call costs {dollars(policy.cost_micro_usd)} ({setting})."
    )


def dollars(micro_usd: int) -> str:
    """`$1.00`; more decimals only where they are needed."""
    whole, rest = divmod(micro_usd, MICRO)
    decimals = f"{rest:06}".rstrip("0").ljust(2, "0")
    return f"${whole:,}.{decimals}"
