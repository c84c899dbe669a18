"""Values, scores and what came of them: contributions and memos."""

from realestate_assets.domain.tables.columns import (
    BY_PROPERTY,
    COUNTY,
    MONTH,
    OFFER_STATES,
    PROPERTY_ID,
    flag,
    price,
    share,
)
from resources.warehouse.table_spec import Column, TableSpec

SCORE_COMPONENTS = (
    "undervaluation",
    "yield",
    "equity",
    "motivation",
    "market",
    "condition",
    "data_confidence",
)

# Made by `offers`, and handed on by the scores as they are.
OFFER_COLUMNS = (
    "likely_sale_p10_usd",
    "likely_sale_p50_usd",
    "likely_sale_p90_usd",
    "likely_sale_basis",
    "likely_sale_sales",
    "likely_sale_reason",
    "sale_above_ask_probability",
    "gain_probability",
    "gain_basis",
    "gain_median_pct",
    "gain_cases",
    "gain_reason",
    "offer_model_id",
)

# What the county's earlier sales said of values of the home's size.
VALUE_BAND_COLUMNS = (
    "value_band_low_usd",
    "value_band_high_usd",
    "value_band_sales",
    "value_band_median_ratio",
    "value_band_coverage",
)

# Made by `rents` and handed on by the scores as they are.
RENT_BASIS_COLUMNS = ("rent_source", "rent_vintage", "is_rent_later_vintage", "rent_cases")
RENT_AMOUNTS = ("rent_monthly_usd", "rent_low_usd", "rent_high_usd")
RENT_COLUMNS = (
    price("rent_monthly_usd", "Rent estimate, USD a month, without what a tenant pays for utilities."),
    price("rent_low_usd", "Lower end of the rent range, USD a month; P10 where learned."),
    price("rent_high_usd", "Upper end of the rent range, USD a month; P90 where learned."),
    # Null in rows that were written before rents were learned, as the next three.
    Column(
        "rent_source",
        "text",
        "learned: from advertisements; hud: fair market rent by bedrooms; acs: ZIP's median, by bedrooms.",
        allowed=("learned", "hud", "acs"),
    ),
    Column("rent_vintage", "date", "Latest advertisement, or last day the published figure describes."),
    flag("is_rent_later_vintage", "True where that lies after the month, which the county allows."),
    Column("rent_cases", "integer", "Rents it was learned from; null where not learned.", minimum=1),
)

RENT_ESTIMATES = TableSpec(
    schema="raw",
    name="rent_estimates",
    grain="One row a property and month.",
    description="What each property rents for, whose figure that is, and its range.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        *RENT_COLUMNS,
        Column(
            "rent_utilities_usd", "float", "Taken out of a gross rent for utilities, USD a month.", minimum=0
        ),
        flag("is_simulated", "True where the property was generated.", nullable=False),
    ),
    indexes=(BY_PROPERTY,),
)

SCORES = TableSpec(
    schema="raw",
    name="scores",
    grain="One row a property and month.",
    description="Market value, investment measures and bird_dog_score, with reasons.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column(
            "value_status",
            "text",
            "valued, or why there is no value.",
            nullable=False,
            allowed=("valued", "INSUFFICIENT_SALES", "MISSING_INPUTS"),
        ),
        Column(
            "offer_state",
            "text",
            "on_offer, under_contract or gone by the listing's status; retrospective where the source holds "
            "sales alone; null where nothing says.",
            allowed=OFFER_STATES,
        ),
        Column("model_kind", "text", "Model that made the value.", allowed=("county", "pooled")),
        Column("model_id", "text", "Fingerprint of that model."),
        price("market_value_p10_usd", "Market value, lower bound of the 80 % interval, USD."),
        price("market_value_p50_usd", "Market value, median, USD."),
        price("market_value_p90_usd", "Market value, upper bound of the 80 % interval, USD."),
        # Null in rows that were written before bands were told, and where too few sales were judged.
        price("value_band_low_usd", "Lower end of the band of values that P50 lies in; null at the lowest."),
        price("value_band_high_usd", "Upper end of that band; null at the highest."),
        Column("value_band_sales", "integer", "Earlier sales judged in the band.", minimum=0),
        Column("value_band_median_ratio", "float", "Their median value / price, out of fold.", minimum=0),
        share("value_band_coverage", "Share of their prices between P10 and P90."),
        price("asking_price_usd", "List price, or the recorded price where it serves as one, USD."),
        flag("is_asking_price_assumed", "True where the recorded price serves as asking price.", False),
        Column("discount_to_value_pct", "float", "(P50 - asking price) / P50, %."),
        share("discount_probability", "Probability that the value is above the asking price."),
        # Null in rows that were written before offers were learned from, as all of these.
        price(
            "likely_sale_p10_usd", "Likely sale value given the ask, lower bound of its 80 % interval, USD."
        ),
        price("likely_sale_p50_usd", "Likely sale value given the ask, median, USD."),
        price("likely_sale_p90_usd", "Likely sale value given the ask, upper bound, USD."),
        Column(
            "likely_sale_basis",
            "text",
            "Whose earlier sales say most of it; prior where none is known.",
            allowed=("county", "pooled", "prior"),
        ),
        Column("likely_sale_sales", "integer", "Earlier sales with an ask behind it.", minimum=0),
        Column(
            "likely_sale_reason",
            "text",
            "Why there is no likely sale value.",
            allowed=("NO_VALUE", "NO_ASK", "NOT_LEARNED", "ASK_IS_PRICE"),
        ),
        share("sale_above_ask_probability", "Probability that it sells for more than its ask."),
        share("gain_probability", "Chance that bought at its ask it resells at 1.25 times that in 400 days."),
        Column(
            "gain_basis", "text", "Whose earlier purchases it is learned from.", allowed=("county", "pooled")
        ),
        Column("gain_median_pct", "float", "Median gain of those that resold so, % of the ask."),
        Column("gain_cases", "integer", "Earlier purchases behind it.", minimum=0),
        Column(
            "gain_reason",
            "text",
            "Why there is no chance of a gain.",
            allowed=("NO_VALUE", "NO_ASK", "NOT_LEARNED", "TOO_FEW_GAINS"),
        ),
        Column("offer_model_id", "text", "Fingerprint of what both were learned as."),
        price("arv_usd", "After-repair value reconciled from comparables, USD."),
        price("arv_low_usd", "Lower end of the ARV range, USD."),
        price("arv_high_usd", "Upper end of the ARV range, USD."),
        Column(
            "comparable_count", "integer", "Comparables behind the ARV.", nullable=False, minimum=0, maximum=8
        ),
        Column("repair_estimate_usd", "float", "Repairs by condition and area, USD.", minimum=0),
        Column("max_allowable_offer_usd", "float", "ARV x factor - repairs, USD; may be negative."),
        *RENT_COLUMNS,
        Column("noi_usd", "float", "Net operating income, USD a year."),
        Column("cap_rate_pct", "float", "NOI / asking price, %."),
        Column("cash_on_cash_pct", "float", "Cash flow after debt service / cash invested, %."),
        Column("dscr", "float", "NOI / debt service."),
        Column("gross_rent_multiplier", "float", "Asking price / gross annual rent.", minimum=0),
        flag("meets_one_percent_rule", "True where a month's rent is at least 1 % of the asking price."),
        Column(
            "brrrr_cash_left_usd", "float", "Cash left in after refinancing at ARV, USD; below 0 paid out."
        ),
        *(
            Column(f"irr_{case}_pct", "float", f"IRR of holding and selling, {case} case, %.")
            for case in ("bear", "base", "bull")
        ),
        Column("flip_profit_usd", "float", "ARV less price, repairs, holding and selling costs, USD."),
        Column("flip_roi_pct", "float", "Flip profit / cash invested, %."),
        # Null in rows that were written before deals were stressed.
        Column("stressed_dscr", "float", "DSCR under all stresses of the county's settings together."),
        Column("stressed_flip_roi_pct", "float", "Flip profit / cash invested under the same, %."),
        Column("equity_usd", "float", "P50 less the loan, where a loan is known, USD."),
        Column("ltv_pct", "float", "Loan to value, where a loan is known, %.", minimum=0),
        *(
            share(f"component_{name}", f"Score component {name.replace('_', ' ')}; null without a score.")
            for name in SCORE_COMPONENTS
        ),
        share("confidence", "Confidence in the score, from data completeness and interval width."),
        Column("bird_dog_score", "float", "0 to 100; null where there is no value.", minimum=0, maximum=100),
        Column("score_class", "text", "Class.", allowed=("excellent", "good", "fair", "poor")),
        Column("points", "json", "Points of each part as JSON; they add up to the score. Null without one."),
        Column("reasons", "json", "Up to 5 positive and 5 negative reasons, as JSON.", nullable=False),
        # Null in rows that were written before reviews were kept.
        Column(
            "review_reasons",
            "json",
            "What a person should look into: a JSON list of code, text and cleared (by, when, why; or null).",
        ),
        flag("needs_review", "True where one of them is open: no class above fair, and no memo."),
        # Null in rows that were written before it was kept.
        Column(
            "class_limit", "text", "Why the class is at most fair: no way is known in which the home pays."
        ),
        Column("neighborhood", "text", "Target neighbourhood the ZIP lies in."),
        Column("neighborhood_multiplier", "float", "Its multiplier; 1 outside.", nullable=False, minimum=0),
        Column("config_version", "text", "Hash of the scoring and county settings used.", nullable=False),
        flag("is_simulated", "True where the property was generated.", nullable=False),
    ),
    indexes=(BY_PROPERTY,),
)

VALUE_CONTRIBUTIONS = TableSpec(
    schema="raw",
    name="value_contributions",
    grain="Twelve rows a valued property: the median it starts from, its ten largest causes, the rest.",
    description="What moves each value away from the county's median, in dollars that add up to the cent.",
    key=("county", "month", "property_id", "contribution_rank"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column(
            "contribution_rank",
            "integer",
            "0 the base, then the causes by size, last the rest.",
            nullable=False,
            minimum=0,
            maximum=11,
        ),
        Column(
            "kind",
            "text",
            "base: median P50 of the model's training sales at the valued month; feature; other: the rest.",
            nullable=False,
            allowed=("base", "feature", "other"),
        ),
        Column("feature", "text", "The cause: a column of features, or several of one kind.", nullable=False),
        Column("feature_value", "text", "The property's own value of it, with its unit; null where unknown."),
        Column("contribution_usd", "float", "USD; base, causes and rest add up to P50.", nullable=False),
        Column("model_id", "text", "Fingerprint of the model that gave the value.", nullable=False),
        flag("is_simulated", "True where the property was generated.", nullable=False),
    ),
    indexes=(BY_PROPERTY,),
)

MEMOS = TableSpec(
    schema="raw",
    name="memos",
    grain="One row a memo.",
    description="Manifest of the investor memos in the lake.",
    key=("county", "month", "property_id"),
    columns=(
        COUNTY,
        MONTH,
        PROPERTY_ID,
        Column("memo_rank", "integer", "Rank by score in the partition.", nullable=False, minimum=1),
        Column("bird_dog_score", "float", "Score on the memo.", nullable=False, minimum=0, maximum=100),
        Column("pdf_path", "text", "Path of the PDF below the lake.", nullable=False),
        Column("html_path", "text", "Path of the HTML below the lake.", nullable=False),
        Column("pdf_sha256", "text", "SHA-256 of the PDF.", nullable=False),
        Column("html_sha256", "text", "SHA-256 of the HTML.", nullable=False),
        Column("template_version", "text", "Hash of templates and styles.", nullable=False),
        # Null in rows that were written before it was kept.
        Column("render_key", "text", "SHA-256 of page, templates and renderer; equal keys are equal PDFs."),
        Column("model_id", "text", "Model behind the value."),
        flag("is_simulated", "True where the property was generated.", nullable=False),
    ),
    indexes=(BY_PROPERTY,),
)
