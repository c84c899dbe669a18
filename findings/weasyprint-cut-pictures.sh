#!/usr/bin/env bash
# WeasyPrint 70.0 with Pillow 13.0.0: once WeasyPrint is imported, Pillow opens pictures that are cut off.
#
# Pillow refuses to unpack a file of which the end is missing (OSError). WeasyPrint turns that off for the whole
# process when it is imported (`ImageFile.LOAD_TRUNCATED_IMAGES`): from then on the missing part is grey, and no
# error says so. A service that checks photos and prints PDFs passes a photo or refuses it by which of the two it
# did first. Seen with Python 3.11. Ends with 1 if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check weasyprint==70.0 pillow==13.0.0 2> /dev/null
cat > "$work/look.py" <<'PY'
from io import BytesIO

from PIL import Image


def opens() -> bool:
    whole = BytesIO()
    Image.effect_noise((200, 100), 50).save(whole, "PNG")
    half = whole.getvalue()[: len(whole.getvalue()) // 2]
    try:
        Image.open(BytesIO(half)).load()
    except OSError:
        return False
    return True


before = opens()
import weasyprint  # noqa: E402

after = opens()
is_as_before = (before, after) == (False, True)
print(
    f"{'as before' if is_as_before else 'CHANGED'}: WeasyPrint {weasyprint.__version__}: half a picture opens "
    f"before its import: {before}, after: {after}"
)
raise SystemExit(not is_as_before)
PY
"$work/venv/bin/python" "$work/look.py"
