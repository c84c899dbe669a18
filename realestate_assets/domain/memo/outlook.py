"""What a home will probably sell for at its ask, and how often such homes resold with a gain: in words.

Nothing is told of a home that was sold: it has no offer that anything could come of.
"""

from realestate_assets.domain.core import formats
from realestate_assets.domain.memo.figures import Figure, Figures

# Whose earlier sales a figure rests on, as a reader is told.
OF_WHOM = {"county": "of the county", "pooled": "of all counties", "prior": "of no county yet: an assumption"}
NO_LIKELY = {
    "NO_ASK": "No likely sale value: no asking price is known.",
    "NO_VALUE": "No likely sale value: the home has no market value.",
    "ASK_IS_PRICE": "No likely sale value: the asking price is a recorded sale price.",
}
NO_GAIN = {
    "TOO_FEW_GAINS": "No chance of a gain is told: too few earlier purchases are known to have gained.",
    "NO_ASK": "No chance of a gain is told: no asking price is known.",
    "NO_VALUE": "No chance of a gain is told: the home has no market value.",
}
NOT_A_GAIN = (
    "The market value does not know the asking price: how far one lies below the other is not a gain on the "
    "day of purchase."
)


def outlook_figures(figures: Figures) -> list[Figure | None]:
    """Likely sale value with its range, and the chance of a gain; none of a home that was sold."""
    f = figures
    if f.raw("offer_state") == "retrospective":
        return []
    chance = formats.of_a_hundred(f.number("gain_probability"))
    spread = f.range_of("", "likely_sale_p10_usd", "likely_sale_p90_usd")
    return [
        # The range as a note: two amounts are wider than a tile.
        f.usd("Likely sale value", "likely_sale_p50_usd", spread.value if spread else None),
        f.probability("Sells above its ask", "sale_above_ask_probability"),
        f.shown("Resold with a gain", "gain_probability", chance and f"{chance} of 100"),
    ]


def outlook(figures: Figures) -> list[str]:
    """Sentences on both, each with the number of cases behind it, or with the reason why it is not told."""
    f = figures
    if f.raw("offer_state") == "retrospective":
        return []
    return [sentence for sentence in (_likely(f), _gain(f), NOT_A_GAIN) if sentence]


def _likely(f: Figures) -> str | None:
    middle, low, high = (formats.usd(f.number(f"likely_sale_{end}_usd")) for end in ("p50", "p10", "p90"))
    if middle is None:
        return NO_LIKELY.get(str(f.raw("likely_sale_reason")))
    sales = formats.count(f.number("likely_sale_sales"))
    behind = OF_WHOM[str(f.raw("likely_sale_basis"))]
    return (
        f"Given its ask, a home like this sells for {middle}, four in five for {low} to {high}: so say "
        f"{sales} earlier sales with an ask, {behind}."
    )


def _gain(f: Figures) -> str | None:
    chance = formats.of_a_hundred(f.number("gain_probability"))
    if chance is None:
        return NO_GAIN.get(str(f.raw("gain_reason")))
    cases, behind = formats.count(f.number("gain_cases")), OF_WHOM[str(f.raw("gain_basis"))]
    gained = formats.percent(f.number("gain_median_pct"), 0)
    more = f"; those that did gained {gained} in the median" if gained else ""
    return (
        f"Of 100 homes like this bought at their ask, {chance} resold within 400 days for 1.25 times the ask "
        f"or more{more}: learned from {cases} earlier purchases, {behind}."
    )
