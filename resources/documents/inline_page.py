"""One HTML file with everything in it: styles, script and data, under a policy that forbids any request.

Such a page is opened from a disk, a mail or a bucket, by people without our network. Its data hold text of
unknown origin, so they stand in a block that no parser takes for markup, and the policy names the one script
and the one style sheet by their hashes: nothing else runs, whatever got into the page.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from markupsafe import Markup

from resources.documents.templating import render

# Valid in JSON inside strings only, which is the only place where these occur.
ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def script_json(value: object) -> Markup:
    """JSON for a `<script type="application/json">`: ASCII, without a character that ends or opens a tag.

    Raises:
        ValueError: a number is not finite; JSON has no word for it.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(ESCAPES))  # noqa: S704 # nosec B704 - escaped here


def source_hash(text: str) -> str:
    """How a content security policy names an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def joined(folder: Path, names: Iterable[str]) -> str:
    """Our own source files, one after the other."""
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def policy(style: str, script: str) -> str:
    """The page may run this script, use this style and show pictures it holds itself; it may ask nobody."""
    allowed = f"script-src '{source_hash(script)}'; " if script else ""
    return (
        f"default-src 'none'; {allowed}style-src '{source_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def render_inline(
    folder: Path, template: str, context: dict[str, Any], styles: Iterable[str], scripts: Iterable[str] = ()
) -> str:
    """A template as one self-contained page.

    Args:
        folder: the templates.
        template: name of the page's template; it gets `policy`, `style`, `script` beside the context.
        context: the template's own names; `data`, where there is one, is made JSON for the script.
        styles: names of style sheets in the folder.
        scripts: names of scripts in the folder, joined in this order.
    """
    style, script = joined(folder, styles), joined(folder, scripts)
    # Ours, from the repository: escaped they would be neither style nor script.
    trusted = {"style": Markup(style), "script": Markup(script)}  # noqa: S704 # nosec B704 - our own files
    if "data" in context:
        trusted["data"] = script_json(context["data"])
    return render(folder, template, {**context, **trusted, "policy": policy(style, script)})
