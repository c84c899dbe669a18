#!/usr/bin/env bash
# pyogrio 0.13.0 (GDAL's Shapefile driver): a moment that is written to a shapefile comes back as text.
#
# A shapefile knows dates, no times. A column of moments (datetime64) is stored as text, with slashes between year,
# month and day, under a RuntimeWarning; it is read back as an object column of text, so that a reader who expects
# ISO dates or moments gets neither. Names are cut to ten letters, which can make two columns look alike. The same
# column in a GeoPackage comes back as the moment it was, under its whole name.
# Seen with Python 3.11. Ends with 1 if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyogrio==0.13.0 numpy==2.4.6 shapely==2.2.0
"$work/venv/bin/python" -W ignore - "$work" <<'PY'
import sys
from pathlib import Path

import numpy as np
import shapely
from pyogrio.raw import read, write

places = np.array([shapely.to_wkb(shapely.Point(-122.3, 47.6))], dtype=object)
sold = np.array(["2020-01-02T03:04:05"], dtype="datetime64[ms]")


def back(name: str) -> tuple[str, str, str]:
    path = Path(sys.argv[1]) / name
    write(path, places, [sold], ["last_sale_recorded"], geometry_type="Point", crs="EPSG:4326")
    meta, _, _, values = read(path)
    return meta["fields"][0], values[0].dtype.kind, str(values[0][0])


SEEN = {
    "homes.shp": ("last_sale_", "O", "2020/01/02 03:04:05"),
    "homes.gpkg": ("last_sale_recorded", "M", "2020-01-02T03:04:05.000"),
}
changed = False
for name, expected in SEEN.items():
    got = back(name)
    changed |= got != expected
    print(f"{'as before' if got == expected else 'CHANGED'}: {name} -> {got}")
raise SystemExit(changed)
PY
