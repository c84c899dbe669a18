#!/usr/bin/env bash
# usaddress-scourgify 0.7.1 over usaddress 0.5.16: the number of a numbered road becomes a unit, or the road another.
#
# A private road and a farm-to-market road (Texas) are addressed by number: "742 Private Road 1234" is house 742 on
# Private Road 1234. Normalised, the road's number is the unit of a house on "PRIVATE RD", so that all private roads
# of a town are one street; of "1960 West" the direction lands in the city; and "CR 550" (county road) is spelled
# "CRK 550" (creek). "123 County Road 4520" comes out right. No warning and no error is given.
# Seen with Python 3.11. Ends with 1 if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  usaddress-scourgify==0.7.1 usaddress==0.5.16 python-crfsuite==0.9.12
"$work/venv/bin/python" - <<'PY'
from scourgify import normalize_address_record

SEEN = {
    "742 Private Road 1234, AUSTIN, TX 78701": ("742 PRIVATE RD", "UNIT 1234", "AUSTIN"),
    "12345 Farm to Market Road 1960 West, AUSTIN, TX 78701": (
        "12345 FARM TO MARKET RD",
        "UNIT 1960",
        "WEST, AUSTIN",
    ),
    "550 CR 550, AUSTIN, TX 78701": ("550 CRK 550", None, "AUSTIN"),
    "123 County Road 4520, AUSTIN, TX 78701": ("123 COUNTY RD 4520", None, "AUSTIN"),
}
changed = False
for address, expected in SEEN.items():
    found = normalize_address_record(address)
    got = found["address_line_1"], found["address_line_2"], found["city"]
    changed |= got != expected
    print(f"{'as before' if got == expected else 'CHANGED'}: {address} -> {got}")
raise SystemExit(changed)
PY
