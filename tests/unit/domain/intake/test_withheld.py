"""Names of owners who asked to be forgotten are taken out of rows before they are kept."""

import numpy as np
import pyarrow as pa

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.enrichment.withheld import withheld_facts
from realestate_assets.domain.intake.withheld import NAMES, withheld
from realestate_assets.domain.tables import PROPERTIES

COUNTY = next(
    county
    for county in load_counties(None).values()
    if any("owner_name" in source.rules for source in county.raw_sources.values())
)
SOURCE = next(name for name, source in COUNTY.raw_sources.items() if "owner_name" in source.rules)
RULES = COUNTY.raw_sources[SOURCE].rules
OWNER, MAIL = (RULES[name].value_columns[0] for name in ("owner_name", "owner_mailing_address"))


def listed(names: pa.Array) -> np.ndarray:
    return np.array([name == "DOE JANE" for name in names.to_pylist()], dtype=bool)


def rows(*owners: str | None, **more: list) -> pa.Table:
    count = len(owners)
    return pa.table(
        {
            OWNER: pa.array(owners, pa.string()),
            MAIL: pa.array([f"{k} ELM ST" for k in range(count)], pa.string()),
            **{name: pa.array(values, pa.string()) for name, values in more.items()},
            "_source": [SOURCE] * count,
            "_row": list(range(count)),
        }
    )


def test_name_and_mailing_address_go_and_the_row_stays():
    found, count = withheld(rows("DOE JANE", "ROE RICHARD", None), COUNTY, listed)
    assert count == 1
    assert found[OWNER].to_pylist() == [None, "ROE RICHARD", None]
    assert found[MAIL].to_pylist() == [None, "1 ELM ST", "2 ELM ST"]
    assert found["_row"].to_pylist() == [0, 1, 2]


def test_a_column_that_no_map_names_loses_the_name_in_the_same_row():
    found, _ = withheld(rows("DOE JANE", "ROE RICHARD", tax_payer=["DOE JANE", "DOE JANE"]), COUNTY, listed)
    assert found["tax_payer"].to_pylist() == [None, "DOE JANE"]


def test_rows_without_such_a_name_are_the_same_table():
    given = rows("ROE RICHARD", None)
    found, count = withheld(given, COUNTY, listed)
    assert count == 0 and found.equals(given)


def test_the_names_are_those_that_the_table_calls_personal():
    personal = {column.name for column in PROPERTIES.columns if column.is_personal}
    assert personal == {*NAMES, "owner_mailing_address"}


def test_a_providers_answer_loses_name_and_address_of_that_home_alone():
    facts = pa.table(
        {
            "month": ["2015-03"] * 4,
            "property_id": ["a", "a", "b", "b"],
            "field": ["owner_name", "owner_mailing_address", "owner_name", "owner_mailing_address"],
            "value": ["DOE JANE", "1 ELM ST", "ROE RICHARD", "2 ELM ST"],
            "reason_code": pa.array([None] * 4, pa.string()),
        }
    )
    found = withheld_facts(facts, listed)
    assert found["value"].to_pylist() == [None, None, "ROE RICHARD", "2 ELM ST"]
    assert found["reason_code"].to_pylist() == ["NOT_APPLICABLE", "NOT_APPLICABLE", None, None]
    assert found.schema.equals(facts.schema)
