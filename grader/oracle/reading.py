"""Reading a trace: a long list of operations becomes a graph of the steps that carry weights and what lies between.

A step is a convolution or dense layer (one kernel), a norm (the vectors that scale and shift what one step gave), or
any other operation on the data. Values that depend on weights alone are folded into the step that uses them.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from grader.oracle.operands import MAKERS, PARTS, Pure, constants_of, told_apart
from grader.oracle.parts import put_together
from grader.oracle.steps import IMAGES, Reading, Step, Tensor

_ADDITIVE = ("add", "sub")
_FUSED_NORMS = ("batch_norm", "native_group_norm", "native_layer_norm")
_STATISTICS = ("mean", "sum", "var", "var_mean")
_LINEAR = ("convolution", "matmul")
_ELEMENTWISE = (*_ADDITIVE, "mul", "div", "addcmul", "addcdiv", "rsub")


class UnreadableTraceError(ValueError):
    """The trace is no trace; the message says what is wrong with it."""


def read(trace: np.ndarray) -> Reading:
    """Read a trace; raises UnreadableTraceError when it is not one."""
    try:
        raw = json.loads(bytes(np.asarray(trace, dtype=np.uint8)).decode())
        tensors = tuple(
            Tensor(str(t["name"]), tuple(int(n) for n in t["shape"]), str(t["owner"]), bool(t["trainable"]))
            for t in raw["tensors"]
        )
        return _Reader(tensors).read(raw["operations"], raw["output"])
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise UnreadableTraceError(f"{type(error).__name__}: {error}") from error


class _Reader:
    def __init__(self, tensors: tuple[Tensor, ...]) -> None:
        self.tensors = tensors
        self.steps: list[Step] = []
        self.values: dict[int, int | Pure] = {}  # number of a value -> the step that gave it, or what it is made of
        self.unregistered: list[tuple[int, ...]] = []
        self.parted: set[int] = set()

    def read(self, operations: list[Any], output: Any) -> Reading:
        for name, inputs, outputs, shape, attributes in operations:
            values, size = [self._value(value) for value in inputs], tuple(int(side) for side in shape)
            made = self._operation(str(name), values, size, _checked(attributes))
            for number in outputs:
                self.values[int(number)] = made
        end = self._value(output)
        for step in self.steps:
            if step.kind == "norm":
                self._name_roles(step)
        last = end if isinstance(end, int) else IMAGES
        names = frozenset(str(operation[0]) for operation in operations)
        return Reading(self.tensors, tuple(self.steps), last, tuple(self.unregistered), names, frozenset(self.parted))

    def _value(self, reference: Any) -> int | Pure:
        if reference == "x":
            return IMAGES
        if isinstance(reference, str) and reference.startswith("t"):
            index = int(reference[1:])
            if not 0 <= index < len(self.tensors):
                raise ValueError(f"there is no tensor {index}")
            return Pure({index: ()})
        if isinstance(reference, int):
            return self.values[reference]
        if isinstance(reference, dict) and "unregistered" in reference:
            shape = tuple(int(n) for n in reference["unregistered"])
            self.unregistered.append(shape)
            return Pure({})
        constant = reference.get("constant") if isinstance(reference, dict) else None
        return Pure({}, () if constant is None else (float(constant),))

    def _operation(self, name: str, values: list[int | Pure], shape: tuple[int, ...], attributes: Any) -> int | Pure:
        if name in ("addcmul", "addcdiv"):
            values = told_apart(name, values)
        data = [value for value in values if isinstance(value, int)]
        pure = [value for value in values if isinstance(value, Pure)]
        if name in MAKERS:  # new tensors of one value, whatever lent them its shape
            return Pure({}, constants_of(pure) or (float(name.startswith("ones")),))
        if not data:
            return self._fold(name, pure)
        if name == "shape" or (name in _STATISTICS and 0 in attributes.get("axes", ())):
            return Pure({})  # of the whole batch: what a norm is made of, and no map
        if name == "assign":  # what is written matters, and what it is written into
            return self._append(Step("assign", tuple(data), shape)) if len(data) > 1 else data[0]
        if name == "reshape":
            return data[0]
        product = self.steps[data[0]] if name == "sum" and data[0] != IMAGES else None
        if product is not None and product.kind == "mul" and product.kernel is not None:
            product.kind, product.shape = "dense", shape  # products with a kernel, added up
            return data[0]
        weights = [value for value in pure if value.chains]
        if name in _FUSED_NORMS:
            return self._fused_norm(data[0], values[1:], shape, attributes)
        kernels = [index for value in weights for index in value.chains if len(self.tensors[index].shape) > 1]
        if kernels:
            return self._kernel(name, data, kernels[0], weights, shape, attributes)
        if weights and name in _LINEAR:  # vectors that were laid out as a kernel: each channel by itself
            weights = [value.through("add" if place else "mul") for place, value in enumerate(weights)]
        if weights and name in (*_ELEMENTWISE, *_LINEAR) and len(data) == 1:
            return self._affine(name, data[0], weights, shape)
        chains = {index: (*chain, name) for value in weights for index, chain in value.chains.items()}
        constants = constants_of(pure)
        if name == "maximum" and len(data) == 1 and constants and not any(constants):
            name = "relu"  # max(0, x), however it is written
        return self._append(Step(name, tuple(data), shape, dict(attributes), chains=chains, constants=constants))

    def _fold(self, name: str, pure: list[Pure]) -> Pure:
        chains: dict[int, tuple[str, ...]] = {}
        for value in pure:
            for index, chain in value.chains.items():
                chains[index] = (*chain, name) if name not in ("reshape", "stop") else chain
        return Pure(chains, constants_of(pure))

    def _append(self, step: Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def _kernel(
        self, name: str, data: list[int], kernel: int, weights: list[Pure], shape: tuple[int, ...], attributes: Any
    ) -> int:
        vectors = [index for value in weights for index in value.chains if index != kernel]
        bias = vectors[0] if len(vectors) == 1 else None
        if any(kernel in value.chains and PARTS & set(value.chains[kernel]) for value in weights):
            self.parted.add(kernel)
        kind = "convolution" if name == "convolution" else "dense" if name == "matmul" else name
        return self._append(Step(kind, tuple(data), shape, dict(attributes), kernel=kernel, bias=bias))

    def _fused_norm(self, source: int, values: list[int | Pure], shape: tuple[int, ...], attributes: Any) -> int:
        """A norm in one operation: its tensors come in the order scale, shift, mean, variance."""
        step = Step("norm", (source,), shape, dict(attributes), constants=(float(attributes["epsilon"]),))
        step.attributes["fused"] = True
        for role, value in zip(("scale", "shift", "mean", "variance"), values, strict=False):
            if isinstance(value, Pure) and len(value.chains) == 1:
                index = next(iter(value.chains))
                step.roles[role], step.chains[index] = index, value.chains[index]
        return self._append(step)

    def _affine(self, name: str, source: int, weights: list[Pure], shape: tuple[int, ...]) -> int:
        """Vectors meet the data: a bias right behind a kernel, else one more operation of a norm."""
        chains = {index: (*chain, name) for value in weights for index, chain in value.chains.items()}
        step = self.steps[source] if source != IMAGES else None
        single = next(iter(chains)) if len(chains) == 1 else None
        layer = put_together(self.steps, source)
        if (
            layer is not None and layer.bias is None and single is not None
            and name in _ADDITIVE and self.tensors[single].trainable
        ):  # fmt: skip
            layer.bias = single
            return source
        # a fused one that was made without scale and shift may get its own behind it; one of four vectors gets no more
        whole = step is None or (step.attributes.get("fused") and bool({"scale", "shift"} & set(step.roles)))
        whole = whole or (step is not None and len(step.chains) > 3 and not set(chains) & set(step.chains))
        if step is None or step.kind != "norm" or whole:
            source = self._append(Step("norm", (source,), shape))
            step = self.steps[source]
        for index, chain in chains.items():
            step.chains[index] = (*step.chains.get(index, ()), *chain)
        step.constants = (*step.constants, *constants_of(weights))
        return source

    def _name_roles(self, step: Step) -> None:
        """Of a norm's vectors, trainable ones that multiply are the scale, others the shift; of the rest the one under
        a root is the variance.
        """
        for index, chain in step.chains.items():
            if index in step.roles.values():
                continue
            if self.tensors[index].trainable:
                role = "scale" if any(name in ("mul", "div") for name in chain) else "shift"
            else:
                rooted = any(name in ("rsqrt", "sqrt", "pow", "reciprocal", "log") for name in chain)
                role = "variance" if rooted else "mean"
            step.roles.setdefault(role, index)


def _checked(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes as whole numbers for height and width, where one may stand for both; raises ValueError, TypeError."""
    found = dict(attributes)
    for name in {"stride", "size", "window", "dilation", "axes"} & set(found):
        found[name] = [int(number) for number in found[name]]
    if "padding" in found:
        found["padding"] = [[int(before), int(after)] for before, after in found["padding"]]
    for name in {"stride", "size", "window", "dilation", "padding"} & set(found):
        if not found[name]:
            raise ValueError(f"no numbers in {name}")
        found[name] *= 2 if len(found[name]) == 1 else 1
    return found
