"""What an ATTOM reply says: its status, its properties, and where in a property each field stands.

The same value is called assdTtlValue by one endpoint and assdttlvalue by the next: keys are read in lower
case. Zero is how years, areas, rooms and amounts are left out.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import clean, to_number
from realestate_assets.domain.core.parcel_numbers import normalize_apn
from realestate_assets.domain.counties.column_map import UNIT_FACTORS
from realestate_assets.providers.records import days, joined, nonzero, year_ends
from realestate_assets.providers.replies import as_text, read_json, reply_drift
from resources.http.api import ApiAnswer, Failure

# Field -> the places it may stand in, the first that holds something counts.
PLACES = {
    "assessed_value_usd": ("assessment.assessed.assdttlvalue",),
    "roll_market_value_usd": ("assessment.market.mktttlvalue",),
    "tax_annual_usd": ("assessment.tax.taxamt",),
    "last_sale_price_usd": ("sale.saleamountdata.saleamt", "sale.amount.saleamt"),
    "last_sale_date": ("sale.saletransdate", "sale.salesearchdate"),
    "roll_living_area_sqft": ("building.size.livingsize", "building.size.universalsize"),
    "roll_year_built": ("summary.yearbuilt",),
    "roll_bedrooms": ("building.rooms.beds",),
    "roll_bathrooms": ("building.rooms.bathstotal",),
    "roll_use_code": ("summary.proptype", "summary.proplanduse"),
    "owner_mailing_address": (
        "assessment.owner.mailingaddressoneline",
        "owner.mailingaddressoneline",
    ),
    "parcel_area_sqft": ("lot.lotsize2",),
    "geocoded_latitude": ("location.latitude",),
    "geocoded_longitude": ("location.longitude",),
}
# Not fields, but what some are made from and what tells whose record it is.
HELPERS = {
    "apn": ("identifier.apn",),
    "fips": ("identifier.fips",),
    "street": ("address.line1",),
    "match_code": ("address.matchcode",),
    "accuracy": ("location.accuracy",),
    "lot_acres": ("lot.lotsize1",),
    "tract": ("area.censustractident",),
    "absentee": ("summary.absenteeind",),
    "owner_status": ("assessment.owner.absenteeownerstatus", "owner.absenteeownerstatus"),
    "price_code": ("sale.saleamountdata.salecode", "sale.amount.salecode"),
    "recorded": ("sale.saleamountdata.salerecdate", "sale.amount.salerecdate", "sale.salesearchdate"),
    "tax_year": ("assessment.tax.taxyear",),
    "published": ("vintage.pubdate", "vintage.lastmodified"),
}
NAMES = {
    f"{owner}_{part}": tuple(f"{root}{owner}.{key}" for root in ("assessment.owner.", "owner."))
    for owner in ("owner1", "owner2")
    for part, key in (("last", "lastname"), ("first", "firstnameandmi"))
}
ZERO_IS_UNKNOWN = (
    "assessed_value_usd",
    "roll_market_value_usd",
    "last_sale_price_usd",
    "roll_living_area_sqft",
    "roll_year_built",
    "roll_bedrooms",
    "roll_bathrooms",
    "parcel_area_sqft",
)
MADE = ("census_tract", "owner_name", "owner_mailing_state", "owner_since_date", "owner_occupied")
FIELDS = (*PLACES, *MADE)
STATE_IN_LINE = r"[,\s](?P<state>[A-Z]{2})\s+\d{5}(?:-\d{4})?\s*$"
NOTHING = pa.scalar(None, pa.string())


def read_properties(
    answer: ApiAnswer, county_slug: str, source: str
) -> tuple[list[dict], Failure | None, str]:
    """The properties of a reply with their keys in lower case; none where ATTOM knows no such property.

    Raises:
        PermanentError: the reply is not of the form ATTOM promises.
    """
    reply, failure, message = read_json(answer, errors_are_read=True)
    if failure is not None:
        return [], failure, message
    plain = _lower(reply)
    status = plain.get("status") if isinstance(plain, dict) else None
    if not isinstance(status, dict):
        if answer.status is not None and answer.status >= 400:
            return [], Failure.BAD_ANSWER, f"{answer.request.endpoint} answered with HTTP {answer.status}"
        raise reply_drift("the reply has no status.", "status", county_slug, source)
    said = str(status.get("msg") or "")
    # Comes with code 1 or 0, and with HTTP 400 from some endpoints.
    if "withoutresult" in said.lower():
        return [], None, ""
    if as_text(status.get("code")) != "0":
        return [], Failure.BAD_ANSWER, f"{answer.request.endpoint}: status {status.get('code')} {said}"
    found = plain.get("property")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise reply_drift("the reply has no list of properties.", "property", county_slug, source)
    if any(not isinstance(one.get("identifier"), dict) for one in found):
        raise reply_drift("a property of the reply has no identifier.", "identifier", county_slug, source)
    return found, None, ""


def record_table(properties: list[dict]) -> pa.Table:
    """One row a property: texts of all fields, and of the helpers."""
    texts = {
        name: pa.array([_first(one, places) for one in properties], pa.string())
        for name, places in (PLACES | HELPERS | NAMES).items()
    }
    for name in ZERO_IS_UNKNOWN:
        texts[name] = nonzero(texts[name])
    texts["parcel_area_sqft"] = pc.coalesce(texts["parcel_area_sqft"], _acres(texts["lot_acres"]))
    estimated = pc.fill_null(pc.match_substring_regex(texts["price_code"], "(?i)estimate"), False)
    texts["last_sale_price_usd"] = pc.if_else(estimated, NOTHING, texts["last_sale_price_usd"])
    texts["apn"] = normalize_apn(texts["apn"])
    return pa.table(texts | _made(texts))


def record_vintages(records: pa.Table) -> dict[str, pa.Array]:
    """Last day each field of a record describes.

    Values and taxes are of their tax year. A last sale is true from the day it was recorded until the next
    one, so it is of that day. The rest is as it was when the record was published.
    """
    published = days(records["published"])
    dates = dict.fromkeys(FIELDS, published)
    year = pc.coalesce(year_ends(records["tax_year"]), published)
    dates |= dict.fromkeys(("assessed_value_usd", "roll_market_value_usd", "tax_annual_usd"), year)
    sold = pc.coalesce(days(records["recorded"]), days(records["last_sale_date"]), published)
    return dates | dict.fromkeys(("last_sale_price_usd", "last_sale_date", "owner_since_date"), sold)


def is_zip_centroid(records: pa.Table) -> pa.Array:
    """Records placed in the middle of their ZIP: that is no position."""
    by_code = pc.equal(pc.utf8_lower(pc.fill_null(records["match_code"], "")), "exazip")
    by_place = pc.starts_with(pc.utf8_lower(pc.fill_null(records["accuracy"], "")), "zip")
    return pc.or_(by_code, by_place).combine_chunks()


def _made(texts: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Fields that are made from several places."""
    owners = [joined([texts[f"{who}_last"], texts[f"{who}_first"]], " ") for who in ("owner1", "owner2")]
    line = pc.utf8_upper(texts["owner_mailing_address"])
    code = pc.utf8_lpad(pc.replace_substring_regex(texts["tract"], r"\D", ""), 6, "0")
    lives = pc.match_substring_regex(texts["absentee"], "(?i)owner.?occupied")
    away = pc.match_substring_regex(texts["absentee"], "(?i)absentee")
    by_words = pc.if_else(lives, "true", pc.if_else(away, "false", NOTHING))
    status = pc.utf8_upper(texts["owner_status"])
    by_letter = pc.if_else(pc.equal(status, "O"), "true", pc.if_else(pc.equal(status, "A"), "false", NOTHING))
    return {
        "owner_name": joined(owners, " & "),
        "owner_mailing_state": pc.struct_field(pc.extract_regex(line, STATE_IN_LINE), "state"),
        "owner_since_date": texts["last_sale_date"],
        "owner_occupied": pc.coalesce(by_words, by_letter),
        "census_tract": pc.binary_join_element_wise(texts["fips"], code, ""),
    }


def _acres(text: pa.Array) -> pa.Array:
    square_feet = pc.multiply(to_number(clean(text))[0], UNIT_FACTORS["acre"])
    return nonzero(pc.round(square_feet, 1).cast(pa.string()))


def _first(one: dict, places: tuple[str, ...]) -> str | None:
    found = (as_text(_at(one, place)) for place in places)
    return next((text for text in found if text is not None), None)


def _at(value: object, place: str) -> object:
    for key in place.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key).lower(): _lower(inner) for key, inner in value.items()}
    return [_lower(inner) for inner in value] if isinstance(value, list) else value
