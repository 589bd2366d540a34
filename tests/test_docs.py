"""Every code block of the documents is run: what they promise is what happens.

`python` blocks of one document run in order as one script. In a `console` block each line `$ COMMAND` runs in a copy of
the checkout and must succeed; the lines below it must occur in its output. What takes minutes is run elsewhere.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.test_house import sources

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROSE = {"", "text"}  # trees of folders and the like
# commands that are not run here, and why that is no gap
ELSEWHERE = {
    "make demo": "takes minutes, and is the class that it grades; run before each release",
    "make test": "is what runs this test",
    "make lint": "comes before this test in `make test`",
    "make install": "comes before this test in `make test`",
    "grader release a2_resnet": "writes the course: tests/test_release.py",
    "nbgrader generate_assignment a2_resnet": "needs a course: tests/test_nbgrader.py and `make demo`",
    "nbgrader autograde a2_resnet": "needs a course: tests/test_nbgrader.py and `make demo`",
    "nbgrader generate_feedback a2_resnet": "needs a course: tests/test_nbgrader.py and `make demo`",
}
# lines that mean something in a notebook alone
NOTEBOOK_ONLY = {'grader.check("basic_block")': "tests/test_notebook.py"}


@dataclass(frozen=True)
class Command:
    """One `$` line of a document, with the output that is shown below it."""

    document: str
    text: str
    shown: tuple[str, ...]


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of a document: language and content."""
    return FENCE.findall(text)


def commands(document: str, text: str) -> list[Command]:
    """The commands of all console blocks; output before the first command is a mistake in the document."""
    found: list[Command] = []
    for language, content in blocks(text):
        if language != "console":
            continue
        started = len(found)
        for line in content.splitlines():
            if line.startswith("$ "):
                found.append(Command(document, line[2:], ()))
            elif line.strip():
                assert len(found) > started, f"{document}: output without a command: {line}"
                last = found.pop()
                found.append(Command(document, last.text, (*last.shown, line.strip())))
    return found


ALL = [command for name in DOCUMENTS for command in commands(name, (ROOT / name).read_text(encoding="utf-8"))]
RUN_HERE = [command for command in ALL if command.text not in ELSEWHERE]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the checkout, so that no command touches the real one, with a student's `a2_resnet.py` in it."""
    folder = tmp_path_factory.mktemp("checkout")
    for path in sources(ROOT):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    shutil.copy2(ROOT / "solutions/a2_resnet/on_torch.py", folder / "a2_resnet.py")
    return folder


def shell(command: str, folder: Path) -> str:
    """The output of a command, which must succeed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("command", RUN_HERE, ids=[f"{command.document}: {command.text}" for command in RUN_HERE])
def test_a_command_does_what_the_document_shows(command, checkout):
    output = shell(command.text, checkout)
    for line in command.shown:
        assert line in output


@pytest.mark.parametrize("name", DOCUMENTS)
def test_python_blocks_run(name, checkout):
    script = "\n".join(content for language, content in blocks((ROOT / name).read_text()) if language == "python")
    lines = [line for line in script.splitlines() if line not in NOTEBOOK_ONLY]
    (checkout / "document.py").write_text("\n".join(lines))
    shell("python document.py", checkout)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_block_has_a_language_that_is_run_or_is_prose(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert {language for language, _ in blocks(text)} <= PROSE | {"python", "console"}
    assert len(re.findall(r"^```", text, re.MULTILINE)) == 2 * len(blocks(text)), (
        "a fence that is not closed or indented"
    )


def test_what_is_run_elsewhere_is_still_in_a_document():
    assert set(ELSEWHERE) <= {command.text for command in ALL}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_within_the_project_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8")):
        assert target.startswith("https://") or ((ROOT / name).parent / target).exists(), target


def test_a_block_is_found_with_its_output():
    text = "Words.\n```console\n$ grader list\na2\n$ true\n```\n```python\nx = 1\n```\n"
    assert commands("A.md", text) == [Command("A.md", "grader list", ("a2",)), Command("A.md", "true", ())]
    assert blocks(text)[1] == ("python", "x = 1\n")
