"""Files that are no CSV: spreadsheets, maps, archives and fixed-width text become rows as a CSV would."""

import datetime as dt
import io
import json
import zipfile

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from resources.errors import PermanentError
from tests.unit.domain.intake.landed import make_source, process, read

COLUMNS = {"apn": "PIN", "observed_date": "SOLD", "sale_price_usd": "PRICE"}
PLACED = {**COLUMNS, "latitude": "geometry.y", "longitude": "geometry.x"}
HOMES = [shapely.box(-122.31, 47.60, -122.29, 47.62), shapely.Point(-122.2, 47.5), None]


def workbook(*rows: tuple, sheets: tuple[str, ...] = ("Sales",)) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


HEADER = ("PIN", "SOLD", "PRICE")


def test_a_sheet_is_read_with_its_numbers_and_days():
    data = workbook(
        HEADER,
        ("0123", dt.datetime(2014, 5, 2), 500000),
        (1234567890, dt.date(2014, 5, 3), 0.5),
        (None, None, None),
        (None, dt.datetime(2014, 5, 4, 13, 30), True),
    )
    table = read(data, make_source(format="excel", columns=COLUMNS), "f.xlsx")
    assert table["PIN"].to_pylist() == ["0123", "1234567890", None]
    assert table["SOLD"].to_pylist() == ["2014-05-02", "2014-05-03", "2014-05-04 13:30:00"]
    assert table["PRICE"].to_pylist() == ["500000", "0.5", "true"]


def test_a_parcel_number_that_a_spreadsheet_rounded_is_refused_with_the_reason():
    rows = [(12345678901234567, "2014-05-02", 1), (123456789012345, "2014-05-02", 2)]
    source = make_source(format="excel", columns=COLUMNS)
    _, found = process({"f.xlsx": workbook(HEADER, *rows)}, source)
    assert found.properties["apn"].to_pylist() == ["123456789012345"]
    (reject,) = found.rejects.to_pylist()
    assert reject["reason_code"] == "APN_ROUNDED" and "last digits are lost" in reject["reason"]


def test_lines_around_a_sheet_are_left_out_and_its_header_lines_joined():
    data = workbook(
        ("Sales",), ("Parcel", "Sale", "Sale"), ("PIN", "date", "price"), ("1", "2014-05-02", 5), ("Total",)
    )
    columns = {"apn": "Parcel PIN", "observed_date": "Sale date"}
    source = make_source(format="excel", skip_lines=1, header_lines=2, footer_lines=1, columns=columns)
    assert read(data, source, "f.xlsx")["Sale price"].to_pylist() == ["5"]


@pytest.mark.parametrize("table", ["b", 2])
def test_the_sheet_that_the_source_names_is_read(table):
    data = workbook(HEADER, ("1", "2014-05-02", 5), sheets=("a", "b"))
    assert read(data, make_source(format="excel", columns=COLUMNS, table=table), "f.xlsx").num_rows == 1
    with pytest.raises(PermanentError, match="has the sheets a, b: which of them"):
        read(data, make_source(format="excel", columns=COLUMNS), "f.xlsx")


def collection(*features: dict, **more) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


def feature(number: object, geometry: object, **properties) -> dict:
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": properties}


def test_a_feature_gives_its_properties_its_id_and_a_point_inside_its_shape():
    shapes = [None if home is None else json.loads(shapely.to_geojson(home)) for home in HOMES]
    data = collection(*(feature(at, shape, PIN="01", SOLD="2014-05-02") for at, shape in enumerate(shapes)))
    table = read(data, make_source(format="geojson", columns=PLACED), "f.geojson")
    assert table["feature.id"].to_pylist() == ["0", "1", "2"]
    assert table["PIN"].to_pylist() == ["01"] * 3
    assert table["geometry.x"].to_pylist() == ["-122.3", "-122.2", None]
    assert table["geometry.y"].to_pylist() == ["47.61", "47.5", None]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": ["NaN", "NaN"]},
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Point", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[-122, 47], [-122, None], [-121, 47]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Nonsense", "coordinates": [1, 2]},
        {"type": "Point"},
        [],
    ],
)
def test_a_shape_that_says_no_place_gives_none(geometry):
    data = collection(feature("a", geometry, PIN="01", SOLD="2014-05-02"))
    table = read(data, make_source(format="geojson", columns=PLACED), "f.geojson")
    assert table["geometry.x"].to_pylist() == table["geometry.y"].to_pylist() == [None]


def test_coordinates_of_another_system_become_degrees_or_are_refused():
    shape = {"type": "Point", "coordinates": [1269000.0, 228000.0]}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2926"}}
    source = make_source(format="geojson", columns=PLACED)
    table = read(collection(feature(1, shape, PIN="1", SOLD="x"), crs=crs), source, "f.geojson")
    assert float(table["geometry.x"][0].as_py()) == pytest.approx(-122.34, abs=0.05)
    assert float(table["geometry.y"][0].as_py()) == pytest.approx(47.61, abs=0.05)
    with pytest.raises(PermanentError, match="coordinates that are no degrees"):
        read(collection(feature(1, shape, PIN="1", SOLD="x")), source, "f.geojson")


def written(driver: str, folder, name: str, crs: str = "EPSG:4326") -> None:
    pyogrio.raw.write(
        folder / name,
        shapely.to_wkb(np.array(HOMES[:2], dtype=object)),
        [np.array(["01", "02"], dtype=object), np.array(["2014-05-02T10:20:30.250", "NaT"], "M8[ms]")],
        ["PIN", "SOLD"],
        driver=driver, geometry_type="Unknown", crs=crs,
    )  # fmt: skip


@pytest.mark.parametrize(("driver", "kind", "name"), [("GPKG", "geopackage", "t.gpkg")])
def test_a_geopackage_keeps_the_milliseconds_of_its_times(driver, kind, name, tmp_path):
    written(driver, tmp_path, name)
    table = read((tmp_path / name).read_bytes(), make_source(format=kind, columns=PLACED), name)
    assert table["SOLD"].to_pylist() == ["2014-05-02T10:20:30.250", None]
    assert table["PIN"].to_pylist() == ["01", "02"]
    assert table["geometry.x"].to_pylist() == ["-122.3", "-122.2"]
    assert table["feature.id"].to_pylist() == ["1", "2"]


def shapefile(folder, extra: dict[str, bytes] | None = None) -> bytes:
    points = np.array([shapely.Point(-122.3, 47.61), shapely.Point(-122.2, 47.5)], dtype=object)
    days = np.array(["2014-05-02", "2014-05-03"], "M8[D]")
    pyogrio.raw.write(
        folder / "sales.shp", shapely.to_wkb(points), [np.array(["01", "02"], dtype=object), days],
        ["PIN", "SOLD"], driver="ESRI Shapefile", geometry_type="Point", crs="EPSG:4326",
    )  # fmt: skip
    members = {f"in/{path.name}": path.read_bytes() for path in sorted(folder.glob("sales.*"))}
    return zipped({**members, **(extra or {})})


def test_a_zipped_shapefile_is_read_and_nothing_else_in_its_archive(tmp_path):
    data = shapefile(tmp_path, {"in/a.vrt": b"<OGRVRTDataSource/>", "readme.txt": b"x"})
    table = read(data, make_source(format="shapefile", columns=PLACED), "f.zip")
    assert table["PIN"].to_pylist() == ["01", "02"]
    assert table["SOLD"].to_pylist() == ["2014-05-02", "2014-05-03"]
    assert table["geometry.y"].to_pylist() == ["47.61", "47.5"]


def test_an_archive_of_one_text_table_is_read_like_the_text():
    text = b"PIN,SOLD,PRICE\n1,2014-05-02,5\n"
    source = make_source(columns=COLUMNS)
    assert read(zipped({"a.csv": text, "__MACOSX/._a": b"x"}), source, "f.zip")["PIN"].to_pylist() == ["1"]
    two = zipped({"x/a.csv": text, "b.csv": text})
    with pytest.raises(PermanentError, match=r"holds x/a\.csv, b\.csv: which of them"):
        read(two, source, "f.zip")
    assert read(two, make_source(columns=COLUMNS, table="a.csv"), "f.zip").num_rows == 1


FIXED = {"PIN": [1, 4], "SOLD": [5, 10], "PRICE": [15, 6]}


def test_fixed_places_of_a_line_are_columns():
    lines = ("roll", "00012014-05-02500000", " 0022014-05-03   Ñ  ", "00032014-05", "00042014-05-05    10",
             "00052014-05-05    11", "")  # fmt: skip
    source = make_source(format="fixed_width", fields=FIXED, skip_lines=1, columns=COLUMNS)
    table = read("\n".join(lines).encode("cp1252"), source, "f.txt")
    assert table["PIN"].to_pylist() == ["0001", "002", "0003", "0004", "0005"]
    assert table["PRICE"].to_pylist() == ["500000", "Ñ", "", "10", "11"]
    assert table["_fault"].to_pylist() == [None, None, "ROW_TOO_SHORT", None, None]


def test_lines_whose_last_blanks_were_left_out_are_whole():
    source = make_source(format="fixed_width", fields=FIXED, columns=COLUMNS)
    table = read(b"00012014-05-02500000\n00022014-05-03\n00032014-05-0450\n", source, "f.txt")
    assert table["_fault"].null_count == 3 and table["PRICE"].to_pylist() == ["500000", "", "50"]


BOMB = b"PIN,SOLD,PRICE\n" + b"1,2014-05-02,5\n" * 400_000


@pytest.mark.parametrize(
    ("data", "options", "name", "message"),
    [
        (zipped({"a.csv": BOMB}), {}, "f.zip", "like a zip bomb"),
        (zipped({"xl/a.xml": BOMB}), {"format": "excel"}, "f.xlsx", "like a zip bomb"),
        (zipped({"a.shp": BOMB}), {"format": "shapefile"}, "f.zip", "like a zip bomb"),
        (zipped({"a.csv": BOMB}), {"max_bytes": 1_000_000}, "f.zip", "unpacks to more than max_bytes"),
        (zipped({"a.csv": b"x"})[:-9], {}, "f.zip", "no sound zip archive"),
        (zipped({}), {}, "f.zip", "holds nothing"),
        (zipped({"a.txt": b"x"}), {"format": "excel"}, "f.xlsx", "damaged workbook"),
        (b"PIN,SOLD\n", {"format": "excel"}, "f.xlsx", "no Excel workbook"),
        (workbook(HEADER), {"format": "excel"}, "f.xlsx", "columns and no rows"),
        (workbook(("a", "b"), (1, 2)), {"format": "excel"}, "f.xlsx", "lacks the required columns"),
        (zipped({"a.shp": b"x"}), {"format": "shapefile"}, "f.zip", "lacks .dbf, .shx"),
        (zipped({f"a.{part}": b"x" for part in ("shp", "dbf", "shx")}), {"format": "shapefile"}, "f.zip",
         "cannot be read"),
        (b"SQLite format 3\0" + bytes(200), {"format": "geopackage"}, "f.gpkg", "is no GeoPackage"),
        (b"SQLite format 3\0" + bytes(52) + b"GPKG" + bytes(99), {"format": "geopackage"}, "f.gpkg", "can"),
        (b"{}", {"format": "geojson"}, "f.geojson", "no GeoJSON feature collection"),
        (b'{"features": [1]}', {"format": "geojson"}, "f.geojson", "no GeoJSON feature collection"),
        (b'{"features": [{"properties": [1]}]}', {"format": "geojson"}, "f.geojson", "are no object"),
        (b'{"features": []}', {"format": "geojson"}, "f.geojson", "no features"),
        (b"{" * 99_999, {"format": "geojson"}, "f.geojson", "no readable JSON"),
        (b"\n\n ", {"format": "fixed_width", "fields": FIXED}, "f.txt", "only blanks"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_its_source_says_is_refused_with_the_reason(data, options, name, message):
    with pytest.raises(PermanentError, match=message):
        read(data, make_source(columns=COLUMNS, **options), name)


def test_fields_belong_to_fixed_width_text_alone():
    for options in ({"format": "fixed_width"}, {"fields": FIXED}):
        with pytest.raises(ValueError, match="fixed_width"):
            make_source(**options)
