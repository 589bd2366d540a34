"""A lesson: a solution script in percent cells, read, checked against its assignment, and emptied of its solutions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.spec import Assignment, Question

SETUP = "# SETUP"
STUB = 'raise NotImplementedError("write your own code here")'
_BREAK = re.compile(r"^# %%(.*)$")
_QUESTION = re.compile(r"^# QUESTION (\w+)$", re.MULTILINE)
_CHECK = re.compile(r"""^\s*grader\.check\(\s*(["'])(\w+)\1\s*\)\s*;?\s*(#.*)?$""")


class LessonError(Exception):
    """A solution script can't become a notebook: the message names the file and says why."""


@dataclass(frozen=True)
class Part:
    """One cell of a lesson: its kind is text, setup, code, answer or check, its name that of its question."""

    kind: str
    source: str
    name: str = ""


def check_source(name: str) -> str:
    """The check cell of a question, the same in both frameworks."""
    return f'grader.check("{name}")'


def checked_question(source: str) -> str | None:
    """The question that a cell checks, when checking is all it does."""
    match = _CHECK.match(source)
    return match[2] if match else None


def answered_question(source: str) -> str | None:
    """The question that a cell answers, by its marker line."""
    match = _QUESTION.search(source)
    return match[1] if match else None


def read(path: Path, assignment: Assignment, framework: str) -> tuple[Part, ...]:
    """The parts of a solution script; raises LessonError when it doesn't hold what the assignment asks."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(f"{path} can't be read: {error}") from None
    parts = tuple(_part(kind, source) for kind, source in _cells(text.splitlines()) if source)
    problem = next(_problems(parts, assignment, framework), None)
    if problem is not None:
        raise LessonError(f"{path}: {problem}")
    return parts


def emptied(part: Part) -> Part:
    """The part as students receive it: each solution region replaced by one line that says so."""
    lines: list[str] = []
    inside = False
    for line in part.source.splitlines():
        if line.strip() == "### BEGIN SOLUTION":
            inside = True
            lines.append(line[: len(line) - len(line.lstrip())] + STUB)
        elif line.strip() == "### END SOLUTION":
            inside = False
        elif not inside:
            lines.append(line)
    return replace(part, source="\n".join(lines))


def _cells(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of a cell's heading and its source, without the blank lines around it."""
    heading, source = "", list[str]()
    for line in [*lines, "# %%"]:
        match = _BREAK.match(line)
        if match is None:
            source.append(line)
            continue
        yield heading, "\n".join(source).strip("\n")
        heading, source = match[1].strip(), []


def _part(heading: str, source: str) -> Part:
    if heading == "[markdown]":
        return Part("text", "\n".join(re.sub(r"^# ?", "", line) for line in source.splitlines()))
    if source.strip() == SETUP:
        return Part("setup", source)
    if name := checked_question(source):
        return Part("check", check_source(name), name)
    if name := answered_question(source):
        return Part("answer", source, name)
    return Part("code", source)


def _problems(parts: tuple[Part, ...], assignment: Assignment, framework: str) -> Iterator[str]:
    """What keeps these parts from being the notebook of the assignment."""
    if next((part.kind for part in parts if part.kind != "text"), "") != "setup":
        yield f"the first code cell must be `{SETUP}`"
    wanted = [question.name for question in assignment.questions]
    for kind, cell in (
        ("answer", "answer cells (`# QUESTION name`)"),
        ("check", 'check cells (`grader.check("name")`)'),
    ):
        found = [part.name for part in parts if part.kind == kind]
        if found != wanted:
            yield f"the {cell} must be, in this order, {', '.join(wanted)}; found {', '.join(found) or 'none'}"
    for part in parts:
        if part.kind != "answer" and "### BEGIN SOLUTION" in part.source:
            yield "a solution region stands outside the answer cells"
    answers = {part.name: part for part in parts if part.kind == "answer"}
    for question in assignment.questions:
        if question.name in answers:
            yield from _answer_problems(answers[question.name], question, framework)


def _answer_problems(part: Part, question: Question, framework: str) -> Iterator[str]:
    """What is wrong with the cell that answers a question."""
    marks = [line.strip() for line in part.source.splitlines() if "SOLUTION" in line]
    if not marks or marks != ["### BEGIN SOLUTION", "### END SOLUTION"] * (len(marks) // 2):
        yield f"{part.name}: solution regions must begin and end in turn, and there must be one"
        return
    try:
        tree = ast.parse(emptied(part).source)
    except SyntaxError as error:
        yield f"{part.name}: without its solutions the cell is no Python ({error.msg}, line {error.lineno} of the cell)"
        return
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    if question.functions[framework] not in defined:
        yield f"{part.name}: the cell defines no `{question.functions[framework]}`"
