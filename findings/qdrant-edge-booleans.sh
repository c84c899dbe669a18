#!/usr/bin/env bash
# qdrant-edge-py 0.9.0: a condition on a boolean of the payload finds nothing, with or without an index.
#
# MatchValue takes True and False without a word (its stub says bool), and neither finds a point whose payload
# holds that very boolean; the same in words or as the number 1 is found. Whoever filters homes "on the water" in
# the embedded index gets an empty list and no error. Keep such a field as 1 and 0.
# Seen with Python 3.11. Ends with 1 if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check qdrant-edge-py==0.9.0 2> /dev/null
cat > "$work/count.py" <<'PY'
import sys
from pathlib import Path

import qdrant_edge as edge

folder = Path(sys.argv[1], "shard")
folder.mkdir()
params = edge.EdgeVectorParams(size=2, distance=edge.Distance.Cosine)
shard = edge.EdgeShard.create(str(folder), edge.EdgeConfig(vectors=params))
homes = [
    edge.Point(
        f"00000000-0000-0000-0000-00000000000{number}",
        [1.0, float(number)],
        {"on_water": bool(number % 2), "in_words": str(bool(number % 2)), "as_number": number % 2},
    )
    for number in (1, 2, 3)
]
shard.update(edge.UpdateOperation.upsert_points(homes))


def found(field, value):
    condition = edge.FieldCondition(field, match=edge.MatchValue(value))
    return shard.count(edge.CountRequest(exact=True, filter=edge.Filter(must=[condition])))


seen = {
    "True": found("on_water", True),
    "False": found("on_water", False),
    "in words": found("in_words", "True"),
    "as a number": found("as_number", 1),
}
shard.update(edge.UpdateOperation.create_field_index("on_water", edge.PayloadSchemaType.Bool))
seen["True, with an index"] = found("on_water", True)
expected = {"True": 0, "False": 0, "in words": 2, "as a number": 2, "True, with an index": 0}
print(f"{'as before' if seen == expected else 'CHANGED'}: of three homes, two on the water, were found: {seen}")
raise SystemExit(seen != expected)
PY
"$work/venv/bin/python" "$work/count.py" "$work"
