#!/usr/bin/env bash
# pydyf 0.13.0: a PDF that is given an identifier has all its objects made, and its streams compressed, twice.
#
# PDF.write hashes the bytes of all objects for the second half of the identifier, and asks each object for them once
# more after it has written it. A stream compresses itself each time it is asked. WeasyPrint 70.0 passes its option
# pdf_identifier on: a file that is given one pays for each page's stream twice.
# Seen with Python 3.11. Ends with 1 if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check pydyf==0.13.0
cat > "$work/count.py" <<'PY'
import io
import zlib

import pydyf

calls = 0
real = zlib.compressobj


def counted(*args, **options):
    global calls
    calls += 1
    return real(*args, **options)


zlib.compressobj = counted


def compressions(identifier):
    global calls
    calls = 0
    document = pydyf.PDF()
    stream = pydyf.Stream(compress=True)
    stream.rectangle(0, 0, 10, 10)
    document.add_object(stream)
    document.write(io.BytesIO(), identifier=identifier)
    return calls


found = [compressions(each) for each in (False, b"the same file")]
print(f"{'as before' if found == [1, 2] else 'CHANGED'}: one stream, compressions without and with identifier: {found}")
raise SystemExit(found != [1, 2])
PY
"$work/env/bin/python" "$work/count.py"
