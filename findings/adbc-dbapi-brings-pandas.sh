#!/usr/bin/env bash
# adbc-driver-manager 1.13.0 with pyarrow 26.0.1: a connection by its DB-API brings pandas, used or not.
#
# adbc_driver_manager.dbapi imports pyarrow.dataset, and that imports pandas where it is installed. Who only reads
# Arrow tables or plain rows waits for pandas at each start: more than for pyarrow itself. Without pandas the same
# import works. Seen with Python 3.11 and pandas 3.1.1. Ends with 1 if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in with without; do
  python3 -m venv "$work/$name"
  "$work/$name/bin/pip" install --quiet --disable-pip-version-check adbc-driver-manager==1.13.0 pyarrow==26.0.1
done
"$work/with/bin/pip" install --quiet --disable-pip-version-check pandas==3.1.1
cat > "$work/look.py" <<'PY'
import sys

import pyarrow

before = "pandas" in sys.modules
import adbc_driver_manager.dbapi

found = (before, "pandas" in sys.modules)
expected = (False, sys.argv[1] == "with")
print(f"{'as before' if found == expected else 'CHANGED'}: {sys.argv[1]} pandas: (after pyarrow, after dbapi) {found}")
raise SystemExit(found != expected)
PY
status=0
for name in with without; do
  "$work/$name/bin/python" "$work/look.py" "$name" || status=1
done
exit $status
