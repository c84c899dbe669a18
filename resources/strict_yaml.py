"""YAML whose every key stands once and is a plain word.

PyYAML takes the last of two equal keys in silence, so that a source written twice, or a setting left over
below a corrected one, is lost without a word.
"""

import contextlib
import re
from typing import Any

import yaml

MERGE = "tag:yaml.org,2002:merge"
# What libyaml reads otherwise than PyYAML: tabs, tags, other line ends, a mark of byte order, `|#`, `{a? b}`.
READ_OTHERWISE = re.compile("[\t\r!\x85\u2028\u2029\ufeff]|[|>]\\S*#|[?](?:\\s|$)")


class _StrictLoader(yaml.SafeLoader):
    """The safe loader, with an error that has a place where a key stands twice or is no plain word."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """A mapping as it is written: what `<<` will bring in is none of its own keys."""
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            if key_node.tag == MERGE:
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                written = "a mapping" if isinstance(key_node, yaml.MappingNode) else "a list"
                raise _fault(key_node, f"{written} stands where a key is expected, which is one word")
            key = self.construct_object(key_node)
            if key in seen:
                raise _fault(
                    key_node,
                    f"the key {key_node.value!r} stands there a second time, first on line {seen[key]}",
                )
            seen[key] = key_node.start_mark.line + 1
        return node


def _fault(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def load(text: str) -> Any:
    """The content of a YAML text.

    Raises:
        yaml.MarkedYAMLError: it is none, or a key stands twice in one mapping or is no plain word.
        yaml.YAMLError: it is nested deeper than can be read.
    """
    # A tenth of the time, which every start pays; what is wrong is told in the words of the other.
    with contextlib.suppress(yaml.YAMLError, ValueError, RecursionError, _DoubtError):
        return _load_quickly(text)
    try:
        return yaml.load(text, _StrictLoader)  # noqa: S506 # nosec B506 - the safe loader, made stricter
    except RecursionError:
        raise yaml.YAMLError("it is nested deeper than any settings are") from None
    except ValueError as error:
        # Such as 2024-02-30: a date by its looks.
        raise yaml.YAMLError(str(error)) from error


class _DoubtError(Exception):
    """A text that the quick reading does not vouch for."""


def _load_quickly(text: str) -> Any:
    """The content, read by libyaml; an error of whatever kind where there is any doubt."""
    # A PyYAML that was built where libyaml was not has none.
    if not yaml.__with_libyaml__ or READ_OTHERWISE.search(text):
        raise _DoubtError
    loader = yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check_keys(loader, node)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _check_keys(loader: yaml.CSafeLoader, root: yaml.Node) -> None:
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys = [key for key, _ in node.value if key.tag != MERGE]
            if not all(isinstance(key, yaml.ScalarNode) for key in keys):
                raise _DoubtError
            if len({loader.construct_object(key) for key in keys}) < len(keys):
                raise _DoubtError
            waiting += [value for _, value in node.value]
        else:
            waiting += node.value
