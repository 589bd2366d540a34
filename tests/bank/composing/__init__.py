"""Whole solutions of `a2_resnet` composed at random from legal choices; all of them must reach full marks."""

from __future__ import annotations

from typing import Any, TypeAlias

from hypothesis import strategies

from tests.bank.grading import grade

Choices: TypeAlias = dict[str, Any]

# What variables are called.
NAMES = ({"out": "out", "skip": "skip", "net": "net"}, {"out": "выход", "skip": "сдвиг", "net": "сеть"},
         {"out": "输出", "skip": "捷径", "net": "网络"}, {"out": "sortie", "skip": "raccourci", "net": "réseau"})  # fmt: skip
COUNTS = "{18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}"
FORMS = ("plain", "function", "lambda", "partial", "method", "closure", "subclass")
COMMON = {
    "names": NAMES,
    "form": FORMS,
    "bias": (False, True),
    "order": ("before", "after"),
    "projection": ("norm", "norm and bias", "bare", "bias alone"),
    "stride_on": (0, 1),  # of the bottleneck's three convolutions
    "hints": (False, True),
    "zero_gamma": (False, True),
    "option_a": ("", "after", "before", "both"),
}


def choices(more: dict[str, tuple[Any, ...]]) -> strategies.SearchStrategy[Choices]:
    """One of each kind of choice, those of a framework included."""
    kinds = COMMON | more
    return strategies.fixed_dictionaries({name: strategies.sampled_from(values) for name, values in kinds.items()})


def judge(source: str, framework: str, requests: int) -> None:
    """Grade the first so many requests of every question; raises AssertionError below full marks, with the source."""
    questions = ("basic_block", "bottleneck", "resnet", "cifar_resnet", "cifar_plain")
    report = grade(source, framework, questions, requests=requests)
    complaints = [question.first_complaint for question in report.questions if question.first_complaint]
    assert (report.points, complaints) == (report.max_points, []), source


def named(form: str, name: str, parameters: str, arguments: str) -> str:
    """Code that gives `Inner`, a class or function, the asked name in some form; parameters end with the stride."""
    maker = f"{name.lower()}_maker"
    return {
        "plain": f"{name} = Inner{name}\n",
        "function": f"def {name}({parameters}):\n    return Inner{name}({arguments})\n",
        "lambda": f"{name} = lambda {parameters}: Inner{name}({arguments})\n",
        "partial": f"{name} = functools.partial(Inner{name})\n",
        "method": f"class {maker}:\n    def build(self, {parameters}):\n        return Inner{name}({arguments})\n\n\n"
        f"{name} = {maker}().build\n",
        "closure": f"def {maker}(inner):\n    def build({parameters}):\n        return inner({arguments})\n\n"
        f"    return build\n\n\n{name} = {maker}(Inner{name})\n",
    }[form]
