"""YAML whose every key stands once and is a plain word.

PyYAML takes the last of two equal keys in silence, so that a source written twice, or a setting left over
below a corrected one, is lost without a word.
"""

from collections.abc import Hashable
from typing import Any

import yaml

MERGE = "tag:yaml.org,2002:merge"


class _StrictLoader(yaml.SafeLoader):
    """The safe loader, with an error that has a place where a key stands twice or is no plain word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping; what `<<` takes over may be said again, for that is what it is for."""
        seen: dict[Any, int] = {}
        # Looked at before `<<` is resolved: what that brings in is no key of this mapping.
        for key_node, _ in list(node.value) if isinstance(node, yaml.MappingNode) else ():
            if key_node.tag == MERGE:
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                written = "a mapping" if isinstance(key_node, yaml.MappingNode) else "a list"
                problem = f"{written} stands where a key is expected (a key is one word before the colon)"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            key = self.construct_object(key_node)
            if key in seen:
                problem = f"the key {key_node.value!r} stands there a second time (first on line {seen[key]})"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            seen[key] = key_node.start_mark.line + 1
        return super().construct_mapping(node, deep)


def load(text: str) -> Any:
    """The content of a YAML text.

    Raises:
        yaml.MarkedYAMLError: it is none, or a key stands twice in one mapping or is no plain word.
        yaml.YAMLError: it is nested deeper than can be read.
    """
    try:
        return yaml.load(text, _StrictLoader)  # noqa: S506 - the safe loader, made stricter
    except RecursionError:
        raise yaml.YAMLError("it is nested deeper than any settings are") from None
    except ValueError as error:
        # Such as 2024-02-30: a date by its looks.
        raise yaml.YAMLError(str(error)) from error
