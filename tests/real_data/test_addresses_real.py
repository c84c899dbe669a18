"""100,000 real addresses and parcel numbers: none becomes another one, and none loses a part of itself."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from realestate_assets.domain.core.addresses import address_key, normalize_addresses, normalize_street
from realestate_assets.domain.core.parcel_numbers import normalize_apn, read_apn
from realestate_assets.domain.core.postal.parser import parsed_street
from realestate_assets.domain.core.postal.streets import split_street
from realestate_assets.domain.core.postal.tails import split_tails
from realestate_assets.domain.core.postal.units import DESIGNATORS, PLAIN
from realestate_assets.domain.core.postal.words import DIRECTIONS, STREET_TYPES, split_number

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
DATA, OPEN_ADDRESSES = SHARED / "data", SHARED / "contracts" / "openaddresses"
COOK = DATA / "cook_county"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not OPEN_ADDRESSES.exists(), reason="the real files beside the checkout are absent"),
]
EXPECTED = 100_000


def text(folder: Path, pattern: str) -> pd.DataFrame:
    return pd.read_csv(next(folder.glob(pattern)), dtype=str, keep_default_na=False)


def addresses() -> pd.DataFrame:
    """Every address line of the files, with its unit column and state."""
    cook = pd.read_parquet(COOK / "soda_3723-97qp_parcel_addresses_1999_2026.parquet")
    lodi = text(DATA / "listings_with_outcomes", "a1_*.csv.gz")
    parts = [
        pd.DataFrame({"street": cook["prop_address_full"], "state": "IL"}),
        pd.DataFrame({"street": lodi["Address"].str.split(",").str[0], "state": "CA"}),
        text(DATA / "sales_milwaukee", "*.csv.gz")[["Address"]].assign(state="WI"),
        text(DATA / "listings_with_outcomes", "a4_*.csv.gz")[["Address"]].assign(state="FL"),
    ]
    for file in sorted((DATA / "listings").glob("*.csv")):
        parts.append(text(file.parent, file.name)[["street", "unit"]].assign(state="NC"))
    for name, state in (("alameda", "CA"), ("santa_clara", "CA"), ("portland_metro", "OR")):
        file = text(OPEN_ADDRESSES, f"{name}.csv.gz")
        line = (file["NUMBER"] + " " + file["STREET"]).str.strip()
        parts.append(pd.DataFrame({"street": line, "unit": file["UNIT"], "state": state}))
    named = [part.rename(columns={"Address": "street"}) for part in parts]
    frame = pd.concat(named, ignore_index=True)[["street", "unit", "state"]].fillna("")
    return frame[frame["street"].str.strip() != ""].reset_index(drop=True)


def parcels() -> list[pd.Series]:
    """Every parcel number of the files."""
    return [
        pd.read_parquet(COOK / "soda_3723-97qp_parcel_addresses_1999_2026.parquet")["pin"],
        pd.read_parquet(COOK / "soda_55ju-2fs9_annual_tax_sale.parquet")["pin"],
        text(DATA / "sales_milwaukee", "*.csv.gz")["Taxkey"],
        text(DATA / "king_county", "kc_house_data.csv")["id"],
        text(OPEN_ADDRESSES, "alameda.csv.gz")["ID"],
    ]


def words_of(street: str, unit: str) -> tuple[str, ...]:
    """The words that tell a home, in one spelling made for these tests alone."""
    whole = re.sub(r"['`]", "", f"{street} {unit}".upper()).replace("&", " & ")
    whole = re.sub(r"(?<=\d)-(?=\d/)|\.(?!\d)|[^\w\s&/.-]", " ", whole)
    known = []
    for word in whole.split():
        name = DESIGNATORS.get(word, "")
        if word == "CONDO" or (name and name in PLAIN):
            continue
        code = name or DIRECTIONS.get(word) or STREET_TYPES.get(word) or word
        code = re.sub(r"^(\d+)(?:ST|ND|RD|TH)$", r"\1", code.strip("-./"))
        known.append(re.sub(r"^0+(?=\d)", "", code))
    # A unit that line and column both name counts once; its parts may change places.
    return tuple(sorted(set(filter(None, known))))


def numbers(line: str) -> set[str]:
    return {run.lstrip("0") or "0" for run in re.findall(r"\d+", line)}


def directions(line: str) -> set[str]:
    words = re.findall(r"[A-Z]+", re.sub(r"['`]", "", line.upper()))
    return {letter for word in words for letter in DIRECTIONS.get(word, "")}


@pytest.fixture(scope="module")
def read() -> pd.DataFrame:
    """Distinct addresses with what they are read as."""
    frame = addresses().drop_duplicates(ignore_index=True)
    done = [normalize_street(row.street, row.unit or None, row.state) for row in frame.itertuples()]
    return frame.assign(line=[line or "" for line, _ in done], door=[door or "" for _, door in done])


def test_the_files_hold_as_many_addresses_and_parcel_numbers_as_are_asked_for():
    assert len(addresses()) + sum(map(len, parcels())) >= EXPECTED


def test_reading_an_address_twice_changes_nothing(read):
    for row in read[read["line"] != ""].itertuples():
        assert normalize_street(row.line, row.door or None, row.state) == (row.line, row.door or None)


def test_no_address_loses_a_number_or_a_direction(read):
    for row in read.itertuples():
        given, found = f"{row.street} {row.unit}", f"{row.line} {row.door}"
        assert numbers(given) == numbers(found) and directions(given) == directions(found), row


def test_two_addresses_with_other_words_never_share_a_key(read):
    nothing = pa.nulls(len(read), pa.string())
    names = {"street": "line", "unit": "door", "city": "state"}
    columns = {name: pa.array(read[column], pa.string()) for name, column in names.items()}
    keys = address_key(pa.table(columns | {"zip": nothing})).to_pylist()
    known = defaultdict(set)
    for key, row in zip(keys, read.itertuples(), strict=True):
        known[key].add(words_of(row.street, row.unit))
    assert {key: found for key, found in known.items() if len(found) > 1} == {}


def test_a_table_of_them_is_read_as_each_is(read):
    for state, part in read.groupby("state"):
        columns = {name: pa.array(part[name], pa.string()) for name in ("street", "unit")}
        table = pa.table(columns | {"city": pa.nulls(len(part), pa.string())})
        done = normalize_addresses(table, state)
        assert done["street"].fill_null("").to_pylist() == part["line"].tolist()
        assert done["unit"].fill_null("").to_pylist() == part["door"].tolist()


def test_few_lines_keep_their_own_words_and_it_is_known_why(read, capsys):
    causes = Counter(cause(row.line, row.state) for row in read.itertuples())
    with capsys.disabled():
        counted = ", ".join(f"{count:,} {name}" for name, count in causes.most_common())
        print(f"\n{len(read):,} distinct addresses: {counted}")
    assert causes["by rule"] > 0.8 * len(read)


def cause(line: str, state: str) -> str:
    """How a line as it is spelled was read: by rule, by the library, or in its own words and why."""
    number, words = split_number(line)
    if not number:
        return "own words: no house number"
    if split_street(words, state):
        return "by rule"
    if parsed_street(" ".join(words), state):
        return "by the library"
    kinds = [place for place, word in enumerate(words) if place and word in STREET_TYPES]
    behind = kinds and kinds[0] < len(words) - 1
    return "own words: more behind the street" if behind else "own words: no kind of street"


def test_no_two_parcel_numbers_become_one_and_none_is_refused():
    for column in parcels():
        given = pa.array(column.dropna().drop_duplicates().tolist(), pa.string())
        values, bad = read_apn(given)
        assert not bad.any() and normalize_apn(values).equals(values)
        plain = [re.sub(r"[^0-9A-Z]", "", one.upper()) for one in given.to_pylist()]
        assert values.fill_null("").to_pylist() == [one if one.strip("0") else "" for one in plain]


def test_a_street_line_without_city_and_zip_stays_letter_by_letter():
    frame = addresses().drop_duplicates(ignore_index=True)
    for state, part in frame.groupby("state"):
        street = pa.array(part["street"], pa.string())
        nothing = pa.nulls(len(part), pa.string())
        done = split_tails(street, nothing, nothing, nothing, state)
        assert done[0].equals(street) and all(column.null_count == len(part) for column in done[1:])


def test_a_whole_address_in_one_line_gives_its_zip_city_and_state():
    """The 7,369 lines of Lodi and Stockton, most of them without a comma before the city."""
    file = text(DATA / "listings_with_outcomes", "a1_*.csv.gz")
    line = pa.array(file["Address"], pa.string())
    nothing = pa.nulls(len(line), pa.string())
    street, city, state, zip_code = (
        pd.Series(column.to_pylist(), dtype="object")
        for column in split_tails(line, nothing, nothing, nothing, "CA")
    )
    taken = zip_code.notna()
    # Four lines end in no ZIP; four name another one than their column, by a slip of the keys.
    assert (~taken).sum() == 4 and (zip_code[taken] != file.loc[taken, "Address - Zip Code"]).sum() == 4
    assert set(state[taken]) == {"CA"}
    assert city.isin(["Lodi", "Stockton"]).mean() > 0.96 and set(city.dropna()) <= {
        "Lodi",
        "Stockton",
        "St Lodi",
    }
    single = [" ".join(whole.split()) for whole in file["Address"]]
    pairs = zip(single, street, strict=True)
    assert [pair for pair in pairs if not pair[0].startswith(" ".join(pair[1].split()))] == []
    assert street[city.notna()].str.contains(",").sum() == 0
