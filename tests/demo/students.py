"""The class of `a2_resnet`: solutions as students might have written them, right and wrong, in both frameworks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bank import Entry

Notebook = dict[str, Any]
Edits = tuple[tuple[str, str], ...]  # text of the solution, and what stands in its place, everywhere


@dataclass(frozen=True)
class Student:
    """One student: a solution with edits, and what grading must say."""

    name: str
    framework: str
    story: str
    complaint: str = ""  # what the first complaint must speak of, or the mistake it must name; "" for full marks
    edits: Edits = ()
    save: Callable[[Notebook], Notebook] = dict  # how the notebook is saved
    file: str = ""  # its name as handed in, that of the assignment unless told
    solved: bool = True  # False: the notebook as it was released
    assignment: str = "a2_resnet"
    entry: Entry | None = None  # the mutant of the bank that the student wrote


def _is_check(cell: dict[str, Any]) -> bool:
    return "".join(cell["source"]).startswith("grader.check(")


def as_colab(notebook: Notebook) -> Notebook:
    """Format 4.0, no cell ids, all metadata of the course lost."""
    cells = [{key: cell[key] for key in cell if key != "id"} | {"metadata": {}} for cell in notebook["cells"]]
    return {"cells": cells, "metadata": {"colab": {}}, "nbformat": 4, "nbformat_minor": 0}


def with_doubled_checks(notebook: Notebook) -> Notebook:
    """Each check cell there twice, by copy and paste, metadata and id included."""
    return notebook | {"cells": [cell for cell in notebook["cells"] for _ in range(1 + _is_check(cell))]}


def without_checks(notebook: Notebook) -> Notebook:
    """All check cells deleted."""
    return notebook | {"cells": [cell for cell in notebook["cells"] if not _is_check(cell)]}


NOISE = (
    "import grader",
    "import grader\nimport sys, warnings\nwarnings.warn('old API')\nprint('1/1', file=sys.stderr)",
)
STRIDE_ON_3X3 = (
    ("channels, 1, stride=stride, bias=False)\n        self.bn1", "channels, 1, bias=False)\n        self.bn1"),
    (
        "3, padding=1, bias=False)\n        self.bn2 = nn.BatchNorm2d(channels)\n        self.conv3",
        "3, stride, 1, bias=False)\n        self.bn2 = nn.BatchNorm2d(channels)\n        self.conv3",
    ),
)
ADDITION = "return F.relu(out + self.shortcut(x))"
PLAIN = "x = F.relu(self.bn1(self.conv1(x)))"
LAST_TORCH = ", num_classes),\n    )"
LAST_KERAS = "out = layers.Add()([out, shortcut])\n    return layers.ReLU()(out)"
RELU_KERAS = ("layers.ReLU()", 'layers.Activation("relu")')

CLASS = (
    Student("ada", "torch", "the classic way, a browser's copy", file="a2_resnet (1).ipynb"),
    Student("ben", "torch", "stride on the 3x3, saved by Colab", edits=STRIDE_ON_3X3, save=as_colab),
    Student("cho", "torch", "noise on stderr, checks doubled", edits=(NOISE,), save=with_doubled_checks),
    Student("dan", "torch", "biases, checks deleted", edits=(("bias=False", "bias=True"),), save=without_checks),
    Student("eva", "keras", "the classic way"),
    Student(
        "fay", "keras", "Activation layers, a copy from Drive", edits=(RELU_KERAS,), file="Copy of a2_resnet.ipynb"
    ),
    Student(
        "gil",
        "keras",
        "biases, noise, saved by Colab",
        edits=(("use_bias=False", "use_bias=True"), NOISE),
        save=as_colab,
    ),
    Student(
        "hal",
        "torch",
        "ReLU too early",
        "relu_before_addition",
        edits=((ADDITION, "return F.relu(out) + self.shortcut(x)"),),
    ),
    Student("ida", "torch", "no shortcut", "skip_missing", edits=((ADDITION, "return F.relu(out)"),)),
    Student(
        "jon",
        "torch",
        "softmax in the net",
        "softmax",
        edits=((LAST_TORCH, ", num_classes),\n        nn.Softmax(1),\n    )"),),
    ),
    Student(
        "kim", "torch", "no max pool", "no_stem_pool", edits=(("        nn.MaxPool2d(3, stride=2, padding=1),\n", ""),)
    ),
    Student(
        "lea",
        "keras",
        "no last ReLU",
        "no_relu_after_addition",
        edits=((LAST_KERAS, "return layers.Add()([out, shortcut])"),),
    ),
    Student(
        "max",
        "keras",
        "softmax in the net",
        "softmax",
        edits=(("Dense(num_classes)", 'Dense(num_classes, activation="softmax")'),),
    ),
    Student(
        "nia",
        "keras",
        "a wrong table",
        "34",
        edits=(("34: (basic_block, [3, 4, 6, 3])", "34: (basic_block, [3, 4, 3, 6])"),),
    ),
    Student("oli", "torch", "does nothing", "NotImplementedError", solved=False),
    Student("pia", "keras", "crashes", "NameError", edits=((LAST_KERAS, "return layers.ReLU()(out + shortcuts)"),)),
    Student("quy", "torch", "hangs", "in time", edits=((PLAIN, f"while True: pass\n        {PLAIN}"),)),
    Student(
        "ron",
        "torch",
        "an endless cell first, then all right",
        edits=(("import grader", "import grader\nwhile True: pass"),),
    ),
)
