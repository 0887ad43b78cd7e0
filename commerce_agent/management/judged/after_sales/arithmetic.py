"""Sums that a recording reckons: numbers, the four operations and brackets, and nothing else."""

import ast
import operator
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

CENT = Decimal("0.01")
LONGEST = 500
OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(expression: str) -> str | None:
    """The sum in cents, without noughts that say nothing; None for what is no sum."""
    try:
        parsed = ast.parse(expression.strip(), mode="eval") if len(expression) <= LONGEST else None
        return None if parsed is None else str(float(round(_reckon(parsed.body), 2)))
    except (SyntaxError, ValueError, InvalidOperation, ZeroDivisionError, RecursionError):
        return None


def _reckon(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Decimal(str(number))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATIONS:
            return OPERATIONS[type(sign)](_reckon(left), _reckon(right))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_reckon(inner)
    raise ValueError(ast.dump(node))
