"""What students count by mistake: a guess gives the wrong pair of numbers, and says what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tensor:
    """One tensor of a described model."""

    size: int
    weight: bool  # a kernel, no vector
    statistic: bool
    frozen: bool
    again: bool = False  # stands in a second layer too
    first_frozen: bool = False  # the first tensor of its layer is frozen
    loose: bool = False  # belongs to no layer
    path: str = ""  # in Keras: its layer's name and its own


Count = Callable[[list[Tensor], str], tuple[float, float]]  # of the tensors in a framework: trainable, total


def right(found: list[Tensor], framework: str) -> tuple[float, float]:
    """What a right program counts: BatchNorm's statistics belong to Keras's total alone."""
    trainable = sum(tensor.size for tensor in found if not tensor.statistic and not tensor.frozen)
    return trainable, sum(tensor.size for tensor in found if framework == "keras" or not tensor.statistic)


def _total(found: list[Tensor], *, statistics: bool) -> float:
    return sum(tensor.size for tensor in found if statistics or not tensor.statistic)


def _trainable(found: list[Tensor], *, statistics: bool = False) -> float:
    return sum(tensor.size for tensor in found if not tensor.frozen and (statistics or not tensor.statistic))


def _layers(found: list[Tensor], framework: str) -> tuple[float, float]:
    """A layer counts as trainable or not by its first tensor."""
    return sum(t.size for t in found if not t.statistic and not t.first_frozen), right(found, framework)[1]


def _number(found: list[Tensor], framework: str) -> tuple[float, float]:
    kept = [tensor for tensor in found if framework == "keras" or not tensor.statistic]
    return sum(not tensor.frozen and not tensor.statistic for tensor in kept), len(kept)


def _twice(found: list[Tensor], framework: str) -> tuple[float, float]:
    doubled = [tensor for tensor in found for _ in range(1 + tensor.again)]
    return right(doubled, framework)


def _added_up(found: list[Tensor], framework: str) -> tuple[float, float]:
    """What the layers hold, one after another."""
    return _twice([tensor for tensor in found if not tensor.loose], framework)


def _state(found: list[Tensor], framework: str) -> tuple[float, float]:
    """What PyTorch's `state_dict` holds: buffers, and shared tensors under each of their names."""
    every = [tensor for tensor in found for _ in range(1 + tensor.again)]
    return _trainable(found), _total(every, statistics=True)


def _by(key: Callable[[Tensor], str]) -> Count:
    """In Keras one tensor for each key, the last one."""

    def size(kept: list[Tensor]) -> float:
        return sum({key(tensor): tensor.size for tensor in kept}.values())

    return lambda found, framework: (size([t for t in found if not t.frozen and not t.statistic]), size(found))


def _kernels(found: list[Tensor], framework: str) -> tuple[float, float]:
    return right([tensor for tensor in found if tensor.weight], framework)


_ELEMENTS = "add up the number of elements of each tensor, once"
# name, what it counts, what the student reads
MISTAKES: tuple[tuple[str, Count, str, str], ...] = (
    ("numbers_swapped", lambda f, w: right(f, w)[::-1], "(total, trainable): the two numbers the wrong way round",
     "return the trainable ones first"),
    ("frozen_counted_as_trainable", lambda f, w: (right(f, w)[1], right(f, w)[1]),
     "the total twice: frozen parameters counted as trainable", "a frozen layer's parameters aren't trainable"),
    ("frozen_counted_as_trainable_without_statistics", lambda f, w: (_total(f, statistics=False), right(f, w)[1]),
     "frozen parameters counted as trainable", "a frozen layer's parameters aren't trainable"),
    ("buffers_counted", lambda f, w: (_trainable(f), _total(f, statistics=True)),
     "a total that holds BatchNorm's running statistics, which are buffers and no parameters",
     "count parameters, not what `state_dict()` holds"),
    ("state_dict_counted", _state, "a total of all that `state_dict()` holds: running statistics too, and shared "
     "tensors twice", "count parameters"),
    ("buffers_counted_as_trainable",
     lambda f, w: (_trainable(f, statistics=True), _total(f, statistics=True)),
     "numbers that hold BatchNorm's statistics, as if they were trained", "statistics are counted, not trained"),
    ("statistics_left_out", lambda f, w: (_trainable(f), _total(f, statistics=False)),
     "a total without BatchNorm's moving statistics, which are weights too", "count all of `model.weights`"),
    ("frozen_left_out", lambda f, w: (_trainable(f), _trainable(f)), "the trainable ones twice: a total without "
     "those that don't learn", "the total holds the frozen ones too"),
    ("layers_counted_whole", _layers, "layers counted as trainable or frozen as a whole, by their kernel or scale",
     "ask each tensor whether it learns: a layer may hold both kinds"),
    ("tensors_counted", _number, "the number of tensors, not of their elements", _ELEMENTS),
    ("shared_counted_twice", _twice, "a tensor that two layers share counted twice", _ELEMENTS),
    ("layers_added_up", _added_up, "what each layer holds added up: a tensor that two layers share counted twice, one "
     "that stands in none left out", "go through the parameters of the whole model"),
    ("paths_counted_once", _by(lambda tensor: tensor.path), "one weight for each path: layers inside two inner models "
     "may have the same name, and so have their weights", "go through the weights, and keep none by its name"),
    ("names_counted_once", _by(lambda tensor: tensor.path.rpartition("/")[2]), "one weight for each name, such as "
     "`kernel`, which many layers have", "go through the weights, and keep none by its name"),
    ("kernels_counted_alone", _kernels, "kernels alone: no bias, no scale and shift", "every parameter counts"),
    ("statistics_instead_of_frozen", lambda f, w: (_trainable(f), _total(f, statistics=True) - _trainable(f)),
     "in place of the total the number of those that don't learn", "the total holds the trainable ones too"),
    ("frozen_instead_of_total", lambda f, w: (_trainable(f), _total(f, statistics=False) - _trainable(f)),
     "in place of the total the number of the frozen ones", "the total holds the trainable ones too"),
)  # fmt: skip
