"""What the operators of mechanical mutation do to a function: every edit as a node and the text in its place."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

# A name at the end of a call and what a student may take for it.
TWINS = {
    "relu": ("relu6", "leaky_relu", "elu", "gelu"),
    "ReLU": ("ReLU6", "LeakyReLU", "ELU", "GELU", "Softmax", "Identity"),
    "Conv2d": ("ConvTranspose2d",), "BatchNorm2d": ("InstanceNorm2d", "LazyBatchNorm2d", "Identity"),
    "MaxPool2d": ("AvgPool2d",), "AdaptiveAvgPool2d": ("AdaptiveMaxPool2d", "AvgPool2d"), "Flatten": ("Identity",),
    "Identity": ("ReLU", "Flatten"), "Sequential": ("ModuleList",), "Linear": ("Bilinear",),
    "Conv2D": ("Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D"),
    "BatchNormalization": ("LayerNormalization", "GroupNormalization", "Identity"),
    "Add": ("Subtract", "Multiply", "Average", "Maximum", "Concatenate"), "MaxPooling2D": ("AveragePooling2D",),
    "GlobalAveragePooling2D": ("GlobalMaxPooling2D", "AveragePooling2D", "Flatten"),
}  # fmt: skip
_OTHER = {ast.Add: (ast.Sub, ast.Mult), ast.Sub: (ast.Add,), ast.Mult: (ast.Add, ast.FloorDiv), ast.FloorDiv: (ast.Mult,),
          ast.NotEq: (ast.Eq, ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.Or: (ast.And,), ast.And: (ast.Or,)}  # fmt: skip
_STRINGS = {"same": "valid", "valid": "same"}

Edit = tuple[ast.AST, str]  # a node and the text in its place


def edits(tree: ast.AST) -> Iterator[tuple[str, ast.AST, str]]:
    """Each edit with the name of the function that it stands in."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = _names(function)
        for node in ast.walk(function):
            for operator in (_of_call, _of_operator, _of_constant, _of_sequence, _of_condition):
                yield from ((function.name, *edit) for edit in operator(node))
            yield from ((function.name, *edit) for edit in _of_name(node, names))
            yield from ((function.name, *edit) for edit in _of_body(node))


def _names(function: ast.FunctionDef) -> set[str]:
    """A function's own variables."""
    given = {argument.arg for argument in function.args.args} - {"self"}
    bound = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return given | bound


def _text(node: ast.AST) -> str:
    return ast.unparse(node)


def _of_call(node: ast.AST) -> Iterator[Edit]:
    """Drop a call, drop or swap its arguments, or call a near twin."""
    if not isinstance(node, ast.Call):
        return
    if node.args:
        yield node, _text(node.args[0])
    for number in range(len(node.args)):
        changed = copy.deepcopy(node)
        del changed.args[number]
        yield node, _text(changed)
        if number + 1 < len(node.args):
            changed = copy.deepcopy(node)
            changed.args[number : number + 2] = reversed(changed.args[number : number + 2])
            yield node, _text(changed)
    for number in range(len(node.keywords)):
        changed = copy.deepcopy(node)
        del changed.keywords[number]
        yield node, _text(changed)
    if isinstance(node.func, ast.Attribute):
        for twin in TWINS.get(node.func.attr, ()):
            changed = copy.deepcopy(node)
            changed.func.attr = twin  # type: ignore[attr-defined]
            yield node, _text(changed)


def _of_operator(node: ast.AST) -> Iterator[Edit]:
    """Another operator, or one operand alone."""
    operators = node.ops if isinstance(node, ast.Compare) else [getattr(node, "op", None)]
    for other in _OTHER.get(type(operators[0]), ()):
        changed = copy.deepcopy(node)
        if isinstance(changed, ast.Compare):
            changed.ops = [other()]
        elif isinstance(changed, ast.BinOp | ast.BoolOp):
            changed.op = other()
        yield node, f"({_text(changed)})"
    if isinstance(node, ast.BinOp | ast.BoolOp):
        for part in node.values if isinstance(node, ast.BoolOp) else (node.left, node.right):
            yield node, f"({_text(part)})"


def _of_constant(node: ast.AST) -> Iterator[Edit]:
    """One more, one less, the opposite, or the other word."""
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield node, str(not node.value)
    elif isinstance(node.value, int):
        yield from ((node, str(node.value + change)) for change in (1, -1) if node.value + change >= 0)
    elif node.value in _STRINGS:
        yield node, repr(_STRINGS[str(node.value)])


def _of_sequence(node: ast.AST) -> Iterator[Edit]:
    """A list without one of its entries, or with two of them swapped."""
    if isinstance(node, ast.List) and isinstance(node.ctx, ast.Load):
        for number in range(len(node.elts)):
            yield node, _text(ast.List(node.elts[:number] + node.elts[number + 1 :], ast.Load()))
            if number + 1 < len(node.elts):
                pair = [node.elts[number + 1], node.elts[number]]
                yield node, _text(ast.List([*node.elts[:number], *pair, *node.elts[number + 2 :]], ast.Load()))


def _of_condition(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.If):
        yield from ((node.test, value) for value in ("True", "False"))


def _of_name(node: ast.AST, names: set[str]) -> Iterator[Edit]:
    """Another variable of the function, or another layer of the same kind."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield from ((node, name) for name in sorted(names - {node.id}))
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        kind = node.attr.rstrip("0123456789")
        yield from ((node, f"self.{kind}{number}") for number in (1, 2, 3) if kind != node.attr != f"{kind}{number}")


def _of_body(node: ast.AST) -> Iterator[Edit]:
    """A statement left out, or done before the one above it where that changes anything."""
    for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
        for number, statement in enumerate(body if isinstance(body, list) else ()):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue  # a docstring
            yield statement, "pass"
            above = body[number - 1] if number else None
            if isinstance(above, ast.Assign) and not _independent(above, statement):
                both = copy.copy(statement)
                both.lineno, both.col_offset = above.lineno, above.col_offset
                indent = "\n" + " " * statement.col_offset
                yield both, indent.join([*_text(statement).splitlines(), *_text(above).splitlines()])


def _independent(first: ast.stmt, second: ast.stmt) -> bool:
    """Whether neither statement touches what the other one binds."""
    bound, touched = [], []
    for statement in (first, second):
        places = [node for node in ast.walk(statement) if isinstance(node, ast.Name | ast.Attribute)]
        bound.append({_text(node) for node in places if isinstance(node.ctx, ast.Store)})
        touched.append({_text(node) for node in places})
    ends = any(isinstance(node, ast.Return | ast.Raise) for node in ast.walk(second))
    return not ends and not bound[0] & touched[1] and not bound[1] & touched[0]
