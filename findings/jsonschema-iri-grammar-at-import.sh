#!/usr/bin/env bash
# jsonschema 4.26.0 with rfc3987-syntax 1.1.0 (its extra `format-nongpl`): every import of jsonschema builds a grammar.
#
# jsonschema imports the checkers of all formats when it is imported itself, whether a schema is ever checked or not.
# Of IRIs that is rfc3987-syntax, which builds its Lark parser as it is imported. Whoever installs one package that
# asks for `jsonschema[format-nongpl]` beside dbt-core or Dagster's command line, which import jsonschema for other
# things, pays for it at each start of every process: most of an import that is more than ten times as long.
# cyclonedx-bom 7.5.0, which lists the parts of an environment, is such a package.
# Seen with Python 3.11. Ends with 1 if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for kind in plain formats; do python3 -m venv "$work/$kind"; done
"$work/plain/bin/pip" install --quiet --disable-pip-version-check jsonschema==4.26.0
"$work/formats/bin/pip" install --quiet --disable-pip-version-check jsonschema==4.26.0 fqdn==1.5.1 idna==3.10 \
  isoduration==20.11.0 jsonpointer==3.0.0 rfc3339-validator==0.1.4 rfc3986-validator==0.1.1 rfc3987-syntax==1.1.0 \
  uri-template==1.3.0 webcolors==24.11.1 lark==1.3.1
cat > "$work/cost.py" <<'PY'
import sys
import time

start = time.process_time()
import jsonschema  # noqa: E402

print(time.process_time() - start, "rfc3987_syntax" in sys.modules, "lark" in sys.modules)
PY
for kind in plain formats; do
  "$work/$kind/bin/python" "$work/cost.py" > /dev/null # compiles it
  "$work/$kind/bin/python" "$work/cost.py" > "$work/$kind.txt"
  echo "$kind: seconds of CPU, grammar there, Lark there: $(cat "$work/$kind.txt")"
done
python3 - "$work" <<'PY'
import sys
from pathlib import Path

plain, formats = (Path(sys.argv[1], f"{kind}.txt").read_text().split() for kind in ("plain", "formats"))
same = plain[1:] == ["False", "False"] and formats[1:] == ["True", "True"] and float(formats[0]) > 3 * float(plain[0])
print("as before" if same else "CHANGED")
raise SystemExit(not same)
PY
