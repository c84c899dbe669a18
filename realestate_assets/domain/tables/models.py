"""Which model values a month, and how good values turned out to be."""

from realestate_assets.domain.tables.codes import PROMOTION_DECISIONS, RATIO_GROUPINGS
from realestate_assets.domain.tables.columns import COUNTY, MONTH, flag
from resources.warehouse.table_spec import Column, TableSpec

MODEL_PROMOTIONS = TableSpec(
    schema="raw",
    name="model_promotions",
    grain="One decision a county and month.",
    description="Which model values the month: the candidate, or the one in use before; and why.",
    key=("county", "month"),
    columns=(
        COUNTY,
        MONTH,
        Column("candidate_id", "text", "Fingerprint of the model trained for the month; null without one."),
        Column("candidate_kind", "text", "Its kind.", allowed=("county", "pooled")),
        Column("champion_id", "text", "Fingerprint of the model in use before; null without one."),
        Column("champion_month", "text", "Month that one was trained for, as YYYY-MM."),
        Column("used_id", "text", "Fingerprint of the model that values the month; null without one."),
        Column("used_month", "text", "Month that one was trained for, as YYYY-MM."),
        flag("promoted", "True where the candidate values the month.", nullable=False),
        Column("decision", "text", "Code of the decision.", nullable=False, allowed=PROMOTION_DECISIONS),
        Column("reasons", "json", "Why, in sentences with figures, as a JSON array.", nullable=False),
        Column("judged_sales", "integer", "Sales the candidate was judged by.", nullable=False, minimum=0),
        Column("compared_sales", "integer", "Sales both were judged by.", nullable=False, minimum=0),
        Column("candidate_metrics", "json", "Its figures: own sales, and those compared.", nullable=False),
        Column("champion_metrics", "json", "The champion's: own sales, and those compared.", nullable=False),
        # Null in rows that were written before bands were told.
        Column("value_bands", "json", "Ratio and coverage of the used model by band of value, out of fold."),
        flag("is_simulated", "True where the properties of the month are generated.", nullable=False),
    ),
)

_STUDY_FIGURES = (
    ("median_ratio", "Median of value / price.", True),
    ("cod", "Coefficient of dispersion, %.", True),
    ("prd", "Price-related differential; null within a decile, as the next four.", True),
    ("prb", "Price-related bias.", True),
    ("ki", "Kakwani index.", False),
    ("mki", "Modified Kakwani index.", True),
    ("log_r2", "Share of the variance of the log price explained.", False),
    ("mdape_pct", "Median absolute error, %.", False),
    ("interval_coverage", "Share of the prices between P10 and P90.", False),
)

RATIO_STUDIES = TableSpec(
    schema="raw",
    name="ratio_studies",
    grain="One row a month, grouping and group.",
    description="Values against the month's valid sales; null below the least number of sales.",
    key=("county", "month", "grouping", "group_value"),
    columns=(
        COUNTY,
        MONTH,
        Column("grouping", "text", "What the sales are grouped by.", nullable=False, allowed=RATIO_GROUPINGS),
        Column("group_value", "text", "`all`, decile (of price or value), ZIP or type.", nullable=False),
        Column("n", "integer", "Sales with a value.", nullable=False, minimum=0),
        *(
            column
            for name, meaning, has_interval in _STUDY_FIGURES
            for column in (
                Column(name, "float", meaning),
                *(
                    Column(f"{name}_{end}", "float", f"{end.capitalize()} end of its 95 % interval.")
                    for end in (("low", "high") if has_interval else ())
                ),
            )
        ),
        flag("is_simulated", "True where all properties of the month are generated.", nullable=False),
    ),
)

EQUITY_STUDIES = TableSpec(
    schema="raw",
    name="equity_studies",
    grain="One row a month, column of values and trimming.",
    description="Values of any kind against the year's valid sales: level, evenness, verdicts, suspicion.",
    key=("county", "month", "value_column", "trimming"),
    columns=(
        COUNTY,
        MONTH,
        Column("value_column", "text", "The column of values studied.", nullable=False),
        Column(
            "trimming",
            "text",
            "All sales, or without ratios beyond 1.5 interquartile ranges.",
            nullable=False,
            allowed=("all", "trimmed"),
        ),
        Column("n", "integer", "Sales studied.", nullable=False, minimum=0),
        Column("outliers", "integer", "Sales that trimming leaves out.", nullable=False, minimum=0),
        *(
            column
            for name, meaning, has_interval in _STUDY_FIGURES
            if has_interval
            for column in (
                Column(name, "float", meaning.split(";")[0].rstrip(".") + "."),
                Column(f"{name}_low", "float", "Low end of its 95 % interval."),
                Column(f"{name}_high", "float", "High end of its 95 % interval."),
            )
        ),
        Column("vei", "float", "Vertical equity indicator, %; below 0 the dear are undervalued."),
        Column("vei_significance", "float", "Gap between the outer groups' 90 % intervals, % of the median."),
        Column("like_groups", "integer", "Groups of like homes with five sales or more.", minimum=0),
        Column("cod_within", "float", "COD about the median of the sale's own group of like homes, %."),
        Column("cod_between", "float", "Mean distance of the groups' medians from the study's, %."),
        Column("near_level_share", "float", "Share of ratios within 2 % of the median."),
        Column("near_level_expected", "float", "The share that the ratios beside lead to expect."),
        flag("is_chasing_suspect", "True where values heap at the prices beyond chance."),
        Column("verdicts", "json", "Measure -> met, not_proven, not_met or unknown.", nullable=False),
        flag("is_simulated", "True where all properties of the months are generated.", nullable=False),
    ),
)
