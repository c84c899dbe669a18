"""An OpenAddresses file as columns: CSV or GeoJSON, plain or gzipped, names of columns in any case.

Everything is text but the coordinates, which are degrees. What a column says of a property is not known here.
"""

import orjson
import pyarrow as pa
import pyarrow.csv as pacsv

from realestate_assets.domain.core.convert import clean, to_number
from realestate_assets.domain.core.shapes import LARGEST_DEGREE, geojson_outlines, middles
from realestate_assets.providers.bounds import read_bounded
from realestate_assets.providers.replies import as_text
from resources.errors import PermanentError
from resources.lake.files import Store

PLACE = ("number", "street", "unit", "city", "postcode")


def read_addresses(store: Store, file: str, columns: tuple[str, ...], source: str) -> pa.Table:
    """Longitude, latitude and the wanted columns of a file; rows without a position are left out.

    Args:
        store: the reference folder.
        file: path in it.
        columns: names in lower case.
        source: name of the provider, for messages.

    Raises:
        PermanentError: the file cannot be read, lacks a column, or its positions are no degrees.
    """
    try:
        with store.open_input(file) as plain:
            stream = pa.CompressedInputStream(plain, "gzip") if file.lower().endswith(".gz") else plain
            content = read_bounded(stream, file, source)
            table = _geojson(content) if ".geojson" in file.lower() else _csv(content)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise PermanentError(f"{file} cannot be read: {reason}", source=source, field="file") from error
    # Of columns that differ in case alone the first counts.
    lower = {name.strip().lower(): index for index, name in reversed(list(enumerate(table.column_names)))}
    table = pa.table({name: table.column(index) for name, index in lower.items()})
    if missing := [name for name in ("lon", "lat", *columns) if name not in table.column_names]:
        raise PermanentError(
            f"{file} has no column {', '.join(missing)}; it has {', '.join(table.column_names[:40])}.",
            source=source,
            field=missing[0],
            remedy="Take the file of another source, or correct the provider's ask_by or id_column.",
        )
    degrees = {name: to_number(clean(table[name]))[0] for name in ("lon", "lat")}
    texts = {name: clean(table[name]) for name in columns}
    return _placed(pa.table(degrees | texts), file, source)


def _placed(table: pa.Table, file: str, source: str) -> pa.Table:
    """The rows with a position; zero by zero is how a missing one is written."""
    lon, lat = (table[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    known = (lon == lon) & (lat == lat) & ((lon != 0) | (lat != 0))
    degrees = known & (abs(lon) <= LARGEST_DEGREE) & (abs(lat) <= LARGEST_DEGREE / 2)
    if known.any() and not degrees.any():
        raise PermanentError(
            f"LON and LAT of {file} are no degrees: the first position is {lon[known][0]}, {lat[known][0]}.",
            source=source,
            field="lon",
            remedy="The file holds a grid of its own (state-plane feet): convert it to WGS 84.",
        )
    return table.filter(pa.array(degrees))


def _csv(content: bytes) -> pa.Table:
    """Everything as text: house and parcel numbers would lose their zeros as numbers."""
    header = pacsv.read_csv(pa.BufferReader(content.split(b"\n", 1)[0] + b"\n")).column_names
    options = pacsv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True)
    return pacsv.read_csv(pa.BufferReader(content), convert_options=options)


def _geojson(content: bytes) -> pa.Table:
    """A collection of features, or one feature a line; a parcel's outline stands for a point inside it."""
    text = content.strip()
    if b'"FeatureCollection"' in text[:200]:
        features = orjson.loads(text).get("features") or []
    else:
        features = [orjson.loads(line) for line in text.splitlines() if line.strip()]
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise ValueError("it holds no features")
    properties = [feature.get("properties") or {} for feature in features]
    names = dict.fromkeys(name for one in properties for name in one)
    columns = {name: pa.array([as_text(one.get(name)) for one in properties], pa.string()) for name in names}
    lon, lat = middles(geojson_outlines([feature.get("geometry") for feature in features]))
    places = {"lon": lon, "lat": lat}
    # Parcels may carry columns of these names too: the shape is what counts.
    kept = {name: column for name, column in columns.items() if name.lower() not in places}
    return pa.table(kept | {name: pa.array(values).cast(pa.string()) for name, values in places.items()})
