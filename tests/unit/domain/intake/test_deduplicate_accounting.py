"""accepted + duplicates + rejected = received, in every partition, whatever a file holds."""

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.intake.canonical import canonicalise
from realestate_assets.domain.tables import PROPERTIES, PROPERTY_REJECTS
from resources.warehouse.conform import conform
from tests.examples import examples
from tests.unit.domain.intake.landed import make_county, make_source, process

HEADER = "id,date,price,beds,street,zip,lat,long,area"
CELLS = st.one_of(
    st.sampled_from(
        ["", "1", "0012", "2014-05-01", "2014-06-07", "2019-01-01", "05/02/2014", "x", "1 Oak Ct", "99"]
    ),
    st.sampled_from(
        ["47.5", "-122.2", "98001", '"a, b"', '"two\nlines"', 'in"ch', '"', '"open', "é", "1e6", "NA"]
    ),
)
ROWS = st.lists(CELLS, min_size=7, max_size=10).map(",".join)
SOUND = st.builds(
    "{},2014-0{}-01,5000,3,{},98001,47.5,-122.2,1500".format,
    st.sampled_from(["", "1", "2"]),
    st.sampled_from("567"),
    st.sampled_from(["", "1 Oak Ct", "2 Elm St"]),
)
# One sound row in each file: whatever stands around it must not take it away.
FILES = st.tuples(st.lists(st.one_of(ROWS, SOUND), max_size=8), SOUND, st.lists(ROWS, max_size=2)).map(
    lambda parts: "\n".join([HEADER, *parts[0], parts[1].replace(",5000", ",5001"), *parts[2]]).encode()
)
BROKEN = st.binary(max_size=4)


@examples(60)
@given(st.lists(FILES, min_size=1, max_size=3), BROKEN)
def test_every_received_row_is_accepted_a_duplicate_or_refused(files, tail):
    raw, result = process({f"{number}.csv": data + b"\n" + tail for number, data in enumerate(files)})
    assert str(raw.to_pylist()).count(",5001,") + str(raw["price"].to_pylist()).count("5001") >= len(files)
    received = Counter(zip(raw["county"].to_pylist(), raw["month"].to_pylist(), strict=True))
    found = {key: sum(n.values()) for key, n in result.counts().items()}
    assert found == dict(received)
    # The keys are unique and the values storable: what the warehouse would refuse fails here.
    conform(result.properties, PROPERTIES)
    conform(result.rejects, PROPERTY_REJECTS)


@settings(max_examples=20)
@given(FILES)
def test_a_month_alone_gives_the_same_rows_as_all_months_together(data):
    source = make_source()
    raw, together = process({"f.csv": data}, source)
    for month in pc.unique(raw["month"]).to_pylist():
        alone = canonicalise(raw.filter(pc.equal(raw["month"], month)), make_county(source))
        for name in ("properties", "rejects"):
            table = getattr(together, name)
            of_month = table.filter(pc.equal(table["month"], month))
            assert getattr(alone, name).to_pylist() == of_month.to_pylist()


@settings(max_examples=20)
@given(st.lists(SOUND, min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_raw_rows_changes_neither_table(rows, random):
    source = make_source()
    raw, plain = process({"f.csv": "\n".join([HEADER, *rows]).encode()}, source)
    order = list(range(raw.num_rows))
    random.shuffle(order)
    shuffled = canonicalise(raw.take(order), make_county(source))
    assert shuffled.properties.equals(plain.properties) and shuffled.rejects.equals(plain.rejects)


def test_the_order_of_columns_and_those_of_other_files_leave_the_raw_record_unchanged():
    source = make_source()
    raw, plain = process({"f.csv": f"{HEADER}\n1,2014-05-01,5,99,,,,,\n".encode()}, source)
    wider = raw.select(raw.column_names[::-1]).append_column("other", pa.nulls(1, pa.string()))
    again = canonicalise(wider, make_county(source))
    assert again.rejects.equals(plain.rejects)
