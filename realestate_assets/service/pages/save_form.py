"""What the form that saves a search sends along without showing it."""

import json
from typing import Any

from markupsafe import Markup


def hidden_fields(**values: Any) -> Markup:
    """Fields of a form that carry values as JSON."""
    field = Markup('<input type="hidden" name="{}" data-json value="{}">')
    return Markup("").join(field.format(name, json.dumps(value)) for name, value in values.items())
