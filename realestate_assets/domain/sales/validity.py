"""Which recorded sales say something about market prices, and why the others do not. Looks back only.

A record is judged by itself and by what records of its own month and earlier ones say: what is sold or
reported afterwards never changes the verdict on an earlier sale. The rules are in config/sale_validity.yaml.
"""

import numpy as np
import pandas as pd

from realestate_assets.domain.sales.price_outliers import OUTLIER_COLUMNS, PRICE_OUTLIERS, price_outliers
from realestate_assets.domain.sales.rules import SaleRules
from realestate_assets.domain.tables import SALE_VALIDITY

VALID = "VALID"
FACTS_AFTER_SALE = "FACTS_AFTER_SALE"
SOURCE_VERDICT = "SOURCE_VERDICT"
NON_ARMS_LENGTH_DEED = "NON_ARMS_LENGTH_DEED"
MULTI_PARCEL_SALE = "MULTI_PARCEL_SALE"
BUYER_IS_SELLER = "BUYER_IS_SELLER"

RECORD_COLUMNS = (
    "county",
    "month",
    "property_id",
    "is_simulated",
    "sale_date",
    "sale_price_usd",
    "sale_document_id",
    "deed_type",
    "sale_verdict",
    "seller_name",
    "buyer_name",
    "parcels_in_sale",
    "year_built",
    "year_renovated",
    *OUTLIER_COLUMNS,
)
PROPERTY = ["county", "is_simulated", "property_id"]
# Words that come and go between two spellings of one party.
FILLERS = frozenset({"AND", "THE"})


def sale_validity(records: pd.DataFrame, rules: SaleRules) -> pd.DataFrame:
    """Rows of raw.sale_validity: one for each record that reports a sale with date and price.

    Args:
        records: properties with RECORD_COLUMNS; for the verdicts of a month also the records of the months
            before, as far back as a resale may lie.
        rules: thresholds and deeds.

    Returns:
        SALE_VALIDITY columns, ordered by county, month and property_id. `sale_validity` is VALID or the code
        of the first fault; `sale_faults` names all.
    """
    known = records["sale_date"].notna() & records["sale_price_usd"].notna()
    sales = records.loc[known, list(RECORD_COLUMNS)].sort_values(["county", "month", "property_id"])
    sales = sales.reset_index(drop=True).assign(sale_date=lambda frame: pd.to_datetime(frame["sale_date"]))
    earlier = earlier_sale_dates(sales, rules)
    own = deed_faults(sales, rules)
    faults = {
        FACTS_AFTER_SALE: facts_after_sale(sales),
        **own,
        MULTI_PARCEL_SALE: own[MULTI_PARCEL_SALE] | shares_a_document(sales),
        rules.resale_code: earlier.notna(),
    }
    masks = {code: mask.to_numpy(dtype=bool) for code, mask in faults.items()}
    is_sound = pd.Series(~np.any(list(masks.values()), axis=0), index=sales.index)
    masks |= price_outliers(sales, is_sound, rules.price_outliers)
    first = np.select(list(masks.values()), list(masks), VALID)
    joined = np.full(len(sales), "", dtype=object)
    for code, mask in masks.items():
        joined = joined + np.where(mask, f",{code}", "")
    all_faults = pd.Series(joined, dtype="str").str[1:]
    # A quick resale is paid on the market too, and a strange price may be: no witness of value, but a sale.
    still_sales = (rules.resale_code, *PRICE_OUTLIERS)
    arms_length = ~np.any([mask for code, mask in masks.items() if code not in still_sales], axis=0)
    judged = sales.assign(
        sale_validity=pd.Series(first, dtype="str"),
        sale_faults=all_faults.where(all_faults != "", None),
        is_arms_length=arms_length,
        earlier_sale_date=earlier,
    )
    return judged[SALE_VALIDITY.column_names]


def deed_faults(sales: pd.DataFrame, rules: SaleRules) -> dict[str, pd.Series]:
    """What is wrong with each deed, told by its own record alone: code -> mask, in the order of their weight.

    Args:
        sales: rows with deed_type, sale_verdict, sale_price_usd, parcels_in_sale, seller_name and buyer_name.
        rules: thresholds and deeds.
    """
    return {
        SOURCE_VERDICT: sales["sale_verdict"].astype(object) == "not_market",
        NON_ARMS_LENGTH_DEED: _plain(sales["deed_type"]).str.contains(rules.deed_pattern.replace("(", "(?:")),
        rules.price_code: sales["sale_price_usd"] < rules.minimum_price_usd,
        MULTI_PARCEL_SALE: sales["parcels_in_sale"].astype(float) > 1,
        BUYER_IS_SELLER: _same_party(sales["seller_name"], sales["buyer_name"]),
    }


def facts_after_sale(sales: pd.DataFrame) -> pd.Series:
    """True where the home was built or renovated in a later year than that of its sale.

    What was sold then is not what the record describes: land, a shell, or the home before the work.
    """
    sold = pd.to_datetime(sales["sale_date"]).dt.year
    # An unknown year contradicts nothing: comparing with NaN is false.
    return (sales["year_built"].astype(float) > sold) | (sales["year_renovated"].astype(float) > sold)


def earlier_sale_dates(sales: pd.DataFrame, rules: SaleRules) -> pd.Series:
    """Date of the latest sale of the same property within the window before each sale; NaT where none is.

    It counts where a record of the same month or an earlier one reports it, at a price that is not nominal. A
    report of the same day is the same sale.
    """
    columns = [*PROPERTY, "month", "sale_date"]
    repeated = sales[sales.duplicated(PROPERTY, keep=False)]
    own = repeated[columns].reset_index()
    others = repeated.loc[repeated["sale_price_usd"] >= rules.minimum_price_usd, columns]
    pairs = own.merge(others, on=PROPERTY, suffixes=("", "_other"))
    days = (pairs["sale_date"] - pairs["sale_date_other"]).dt.days
    soon = days.between(1, rules.resale_window_days) & (pairs["month_other"] <= pairs["month"])
    latest = pairs[soon].groupby("index")["sale_date_other"].max()
    return latest.reindex(sales.index).astype("datetime64[ns]")


def shares_a_document(sales: pd.DataFrame) -> pd.Series:
    """True where another property was sold by the same document on the same day, known by the sale's month.

    A number alone is not enough: recorders begin anew after some years.
    """
    document = ["county", "is_simulated", "document", "sale_date"]
    sales = sales.assign(document=_documents(sales))
    named = sales[sales["document"].notna()]
    first = named.groupby([*document, "property_id"])["month"].min().reset_index()
    # The month in which the second property of a document is reported: from there on it is known of all.
    second = first.sort_values("month", kind="stable").groupby(document)["month"].nth(1)
    since = first.loc[second.index, document].assign(since=second)
    known = sales[[*document, "month"]].merge(since, on=document, how="left")
    # A missing number joins no other: NaN keys are not in `first`.
    return (known["month"] >= known["since"]).where(known["since"].notna(), False).set_axis(sales.index)


def _documents(sales: pd.DataFrame) -> pd.Series:
    """The document of each sale; null where it has none.

    Some rolls mark the further parcels of a document by a letter after its number. Of numbers that differ by
    such a letter those of one day and one price are one document; others may be a recorder's own series.
    """
    number = sales["sale_document_id"].astype("object")
    plain = number.str.replace(r"(?<=\d{6})[A-Za-z]$", "", regex=True)
    is_lettered = (plain != number) & number.notna()
    beside = is_lettered.groupby([sales["county"], plain, sales["sale_date"]]).transform("any").fillna(False)
    with_price = plain.astype(str) + " at " + sales["sale_price_usd"].astype(str)
    return plain.where(~beside.astype(bool), with_price).where(number.notna(), None)


def _plain(text: pd.Series) -> pd.Series:
    """Upper case, everything but letters and digits as a blank; missing as empty text."""
    upper = text.astype(object).where(text.notna(), "").astype("str").str.upper()
    return upper.str.replace(r"[^A-Z0-9]+", " ", regex=True).str.strip()


def _same_party(seller: pd.Series, buyer: pd.Series) -> pd.Series:
    """True where both names are known and hold the same words, in any order."""
    sellers, buyers = _party(seller), _party(buyer)
    return (sellers == buyers) & (sellers != "")


def _party(name: pd.Series) -> pd.Series:
    codes, distinct = pd.factorize(_plain(name))
    words = [" ".join(sorted(set(text.split()) - FILLERS)) for text in distinct]
    return pd.Series(np.array([*words, ""], dtype=object)[codes], index=name.index)
