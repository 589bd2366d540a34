"""A report as text, for terminals."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from grader.frontends import wording
from grader.result import QuestionReport, Report, Result, Status
from grader.spec import Assignment

_WIDTH = 100
_GREEN, _RED, _YELLOW, _BOLD, _FAINT = "32", "31", "33", "1", "2"
_COLOURS = {Status.PASSED: _GREEN, Status.FAILED: _RED, Status.CRASHED: _RED, Status.BROKEN: _YELLOW}


def render(report: Report, assignment: Assignment, *, colour: bool = False, note: str = "") -> str:
    """The whole report as lines of text: a head, one paragraph per question, the note."""
    page = _Page(colour, wording.sentences(assignment))
    return "\n".join(page.lines(report, note))


class _Page:
    """The layout of one report, with or without colours."""

    def __init__(self, colour: bool, sentences: dict[tuple[str, str], str]) -> None:
        self._colour = colour
        self._sentences = sentences

    def lines(self, report: Report, note: str) -> Iterator[str]:
        yield self._paint(f"{report.assignment} in {report.framework}: {wording.score(report)} points", _BOLD)
        for remark in report.remarks:
            yield from _wrapped("  note: ", wording.clean(remark))
        for question in report.questions:
            yield ""
            yield from self._question(question)
        if note:
            yield ""
            yield from (self._paint(line, _FAINT) for line in _wrapped("", note))

    def _question(self, question: QuestionReport) -> Iterator[str]:
        yield self._paint(f"{question.name}  {wording.score(question)} points", _BOLD)
        if question.variant:
            yield from (self._paint(line, _FAINT) for line in _wrapped("  ", wording.clean(question.variant)))
        shown, groups = wording.folded(question)
        for result in shown:
            yield from self._result(result, self._sentences.get((question.name, result.check), result.check))
        for phrase, group in groups:
            yield from self._signed(group[0].status, f"{len(group)} {phrase} ({wording.names(group)})")
        for remark in question.remarks:
            yield from _wrapped("  note: ", wording.clean(remark))

    def _result(self, result: Result, sentence: str) -> Iterator[str]:
        worth = f" ({wording.score(result)})" if result.max_points > 0 else ""
        yield from self._signed(result.status, f"{result.check}{worth}: {sentence}")
        for label, text in wording.parts(result.complaint, sentence) if result.complaint else ():
            first, *more = _wrapped(f"      {label:<9} ", text)
            yield first.replace(label, self._paint(label, _FAINT), 1)
            yield from more

    def _signed(self, status: Status, text: str) -> Iterator[str]:
        first, *more = _wrapped("  x ", text)
        yield first.replace("x", self._paint(wording.SIGNS[status], _COLOURS[status]), 1)
        yield from more

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


def _wrapped(lead: str, text: str) -> list[str]:
    """Lines that begin with the lead and go on below its end; the text's own line breaks stay."""
    lines = [piece for line in text.splitlines() for piece in textwrap.wrap(line, _WIDTH - len(lead)) or [""]]
    return [(lead if index == 0 else " " * len(lead)) + line for index, line in enumerate(lines or [""])]
