"""The lessons: the questions in order, stubs with the signatures of the contract, text enough to fill them in."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

LESSONS = Path(__file__).parent.parent / "solutions" / "a2_resnet"
ORDER = ["basic_block", "bottleneck", "resnet", "cifar_resnet", "cifar_plain"]
SIGNATURES = {
    "torch": {
        "BasicBlock": "self, in_channels, channels, stride=1",
        "Bottleneck": "self, in_channels, channels, stride=1",
        "resnet": "depth, num_classes=1000",
        "cifar_resnet": "depth, num_classes=10",
        "cifar_plain": "depth, num_classes=10",
    },
    "keras": {
        "basic_block": "x, channels, stride=1",
        "bottleneck": "x, channels, stride=1",
        "resnet": "depth, num_classes=1000, input_shape=(224, 224, 3)",
        "cifar_resnet": "depth, num_classes=10, input_shape=(32, 32, 3)",
        "cifar_plain": "depth, num_classes=10, input_shape=(32, 32, 3)",
    },
}
REGION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.MULTILINE | re.DOTALL)
FRAMEWORKS = sorted(SIGNATURES)


def cells(framework: str) -> list[str]:
    """The cells of a lesson, each with the rest of its `# %%` line in front."""
    return (LESSONS / f"on_{framework}.py").read_text(encoding="utf-8").split("# %%")[1:]


def stub(cell: str) -> str:
    return REGION.sub(r'\1raise NotImplementedError("your code here")', cell)


def question(cell: str) -> str:
    found = re.match(r"\s*# QUESTION (\w+)", cell)
    return found[1] if found else ""


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_each_question_is_explained_asked_and_checked_in_the_courses_order(framework):
    found = cells(framework)
    asked = [(index, question(cell)) for index, cell in enumerate(found) if question(cell)]
    assert [name for _, name in asked] == ORDER
    for index, name in asked:
        assert found[index - 1].startswith(" [markdown]")
        assert re.search(r"[Ss]ection \d|Figure \d|Table \d", found[index - 1]), f"{name} is explained without a source"
        assert found[index + 1].strip() == f'grader.check("{name}")'
    assert found[1].strip() == "# SETUP"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_stubs_parse_and_have_the_signatures_of_the_contract(framework):
    found = {}
    for cell in filter(question, cells(framework)):
        assert REGION.search(cell)
        for node in ast.parse(stub(cell)).body:
            if isinstance(node, ast.ClassDef):
                methods = {method.name: method for method in node.body if isinstance(method, ast.FunctionDef)}
                found[node.name] = ast.unparse(methods["__init__"].args)
            elif isinstance(node, ast.FunctionDef):
                found[node.name] = ast.unparse(node.args)
            assert re.search(r"\(n, .*->", ast.get_docstring(node) or "") or node.name == "stage", "no shapes"
    assert {name: found.get(name) for name in SIGNATURES[framework]} == SIGNATURES[framework]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_no_answer_stands_outside_the_regions(framework):
    layers = re.compile(r"Conv2[dD]|BatchNorm|F\.relu|ReLU\(|Linear\(|Dense\(|MaxPool")
    for cell in filter(question, cells(framework)):
        assert layers.search(cell) or "cifar_" in question(cell)
        assert not layers.search(stub(cell))


def test_both_lessons_tell_the_same():
    """Text may differ where the frameworks do: shapes, names of layers and losses."""
    headings = [
        [line for cell in cells(f) for line in cell.splitlines() if line.startswith("# ## ")] for f in FRAMEWORKS
    ]
    assert headings[0] == headings[1]
    assert len(headings[0]) == 6
