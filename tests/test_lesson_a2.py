"""The lesson of `a2_resnet`: explained with its sources, and no answer outside the solution regions."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

LESSONS = Path(__file__).parent.parent / "solutions" / "a2_resnet"
ORDER = ["basic_block", "bottleneck", "resnet", "cifar_resnet", "cifar_plain"]
REGION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.MULTILINE | re.DOTALL)
FRAMEWORKS = ("torch", "keras")


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
def test_stubs_name_the_shapes(framework):
    for cell in filter(question, cells(framework)):
        for node in ast.parse(stub(cell)).body:
            assert re.search(r"\(n, .*->", ast.get_docstring(node) or "") or node.name == "stage", "no shapes"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_no_answer_stands_outside_the_regions(framework):
    layers = re.compile(r"Conv2[dD]|BatchNorm|F\.relu|ReLU\(|Linear\(|Dense\(|MaxPool")
    for cell in filter(question, cells(framework)):
        assert layers.search(cell) or "cifar_" in question(cell)
        assert not layers.search(stub(cell))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_lesson_has_its_six_sections(framework):
    headings = [line for cell in cells(framework) for line in cell.splitlines() if line.startswith("# ## ")]
    assert len(headings) == 6
