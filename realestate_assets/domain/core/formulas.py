"""Arithmetic between columns: `price / 1000 + {HOA Dues} * 12`, and no more than that.

Numbers, columns, + - * / and parentheses. A column whose name is no plain word stands in braces. The text is
parsed by Python's own grammar into a tree of which only these nodes are let through; nothing is evaluated
as code.
"""

import ast
import re
from collections.abc import Mapping

import numpy as np

MAX_LENGTH = 500
_OPERATIONS = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide}
_BRACES = re.compile(r"\{([^{}]+)\}")


def columns_of_formula(formula: str) -> tuple[str, ...]:
    """Columns a formula reads, each once.

    Raises:
        ValueError: it is no formula; says what is not understood.
    """
    tree, names = _parse(formula)
    read = [names.get(node.id, node.id) for node in ast.walk(tree) if isinstance(node, ast.Name)]
    if not read:
        raise ValueError(f"formula {formula!r} names no column")
    return tuple(dict.fromkeys(read))


def calculate(formula: str, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """The value of a formula in each row; NaN where a column is, not finite where it divides by zero.

    Args:
        formula: the formula.
        columns: float arrays by column name, NaN where there is no number.
    """
    tree, names = _parse(formula)
    with np.errstate(all="ignore"):
        return np.asarray(_value(tree, names, columns), dtype=float)


def _parse(formula: str) -> tuple[ast.expr, dict[str, str]]:
    if len(formula) > MAX_LENGTH:
        raise ValueError(f"formula is longer than {MAX_LENGTH} characters")
    names: dict[str, str] = {}

    def placeholder(match: re.Match[str]) -> str:
        name = f"_column_{len(names)}"
        names[name] = match[1].strip()
        return f" {name} "

    try:
        tree = ast.parse(_BRACES.sub(placeholder, formula).strip(), mode="eval").body
        _check(tree)
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        reason = "is not arithmetic" if isinstance(error, SyntaxError) else str(error)
        raise ValueError(
            f"formula {formula!r} {reason}: use numbers, columns, + - * / and parentheses; "
            "names that are no plain words in braces"
        ) from error
    return tree, names


def _check(node: ast.expr) -> None:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            _check(left)
            _check(right)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand)
        case ast.Name():
            pass
        case ast.Constant(value=int() | float() as number) if type(number) is not bool and number < 1e15:
            pass
        case _:
            raise ValueError(f"has a part that is not understood ({type(node).__name__})")


def _value(node: ast.expr, names: Mapping[str, str], columns: Mapping[str, np.ndarray]) -> np.ndarray | float:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)](_value(left, names, columns), _value(right, names, columns))
        case ast.UnaryOp(op=op, operand=operand):
            value = _value(operand, names, columns)
            return -value if isinstance(op, ast.USub) else value
        case ast.Name(id=name):
            return columns[names.get(name, name)]
        case ast.Constant(value=int() | float() as number):
            return float(number)
    raise ValueError(f"{type(node).__name__} is no arithmetic")
