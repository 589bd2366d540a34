"""The items that pytest runs to grade a submission, loaded only when grading is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from grader import rounds, run, specs
from grader.frontends import finding, wording
from grader.process import Process
from grader.result import Complaint, QuestionReport, Result, Status
from grader.spec import Assignment, Check, Evidence, Question, Request
from grader.submission import Submission, SubmissionError, read


def submissions(config: pytest.Config) -> list[Graded]:
    """The submissions that the command line names, or that the current folder holds; raises pytest.UsageError."""
    folder = config.invocation_params.dir
    named = config.getoption("submission")
    paths = [folder / path for path in named] if named else finding.notebooks(folder)
    if not paths:
        known = ", ".join(assignment.name for assignment in specs.assignments())
        raise pytest.UsageError(
            f"no notebook of an assignment ({known}) is here or under assignments/: name one with --submission PATH"
        )
    try:
        return [
            Graded(
                read(path, config.getoption("framework")), finding.assignment_of(path, config.getoption("assignment"))
            )
            for path in paths
        ]
    except (SubmissionError, specs.UnknownNameError) as error:
        raise pytest.UsageError(str(error.args[0])) from None


class Graded:
    """A submission that is graded question by question, when a check of the question is run."""

    def __init__(self, submission: Submission, assignment: Assignment) -> None:
        self.submission = submission
        self.assignment = assignment
        self._open = ExitStack()
        self._process: Process | None = None
        self._answers: dict[tuple[str, str], Evidence] = {}
        self._reports: dict[str, QuestionReport] = {}

    def question(self, name: str) -> QuestionReport:
        """The report of one question, graded once."""
        if name not in self._reports:
            seed = rounds.seed(self.assignment.name)
            report = run.grade_with(self._ask, self.assignment, self.submission.framework, seed, questions=[name])
            self._reports[name] = report.question(name)
        return self._reports[name]

    def remarks(self) -> Sequence[str]:
        """What is to be said about the submission as a whole."""
        return self._process.remarks() if self._process is not None else self.submission.remarks

    def close(self) -> None:
        """End the student's process; it starts again when another question is graded."""
        self._open.close()
        self._process = None

    def _ask(self, question: Question, check: Check, request: Request) -> Evidence:
        # Equal seeds draw equal requests, so a question that excuses another need not ask for its evidence again.
        key = (question.name, check.name)
        if key not in self._answers:
            if self._process is None:
                self._process = self._open.enter_context(Process(self.submission))
            self._answers[key] = self._process.ask(question, check, request)
        return self._answers[key]


class Course(pytest.File):
    """All submissions of one run."""

    def __init__(self, *, found: list[Graded], **given: Any) -> None:
        super().__init__(**given)
        self._found = found

    def collect(self) -> Iterator[pytest.Collector]:
        """One collector per submission."""
        for graded in self._found:
            path = graded.submission.path
            folder = self.config.invocation_params.dir
            shown = path.relative_to(folder) if path.is_relative_to(folder) else path
            yield SubmissionFile.from_parent(self, path=path, nodeid=shown.as_posix(), graded=graded)


class SubmissionFile(pytest.File):
    """One submission."""

    def __init__(self, *, graded: Graded, **given: Any) -> None:
        super().__init__(**given)
        self._graded = graded

    def collect(self) -> Iterator[pytest.Item]:
        """One item per check, called `question/check`."""
        for question in self._graded.assignment.questions:
            for check in question.checks:
                name = f"{question.name}/{check.name}"
                nodeid = f"{self.nodeid}::{name}{self._group(question)}"
                yield CheckItem.from_parent(
                    self, name=name, nodeid=nodeid, graded=self._graded, question=question, check=check
                )

    def _group(self, question: Question) -> str:
        """What tells `--dist loadgroup` to run a question in one worker.

        It is written into the id here because xdist 3.8 does so, for its marker, in a way that pytest 9.2 ignores.
        """
        if not self.config.getoption("loadgroup", False):
            return ""
        return "@" + re.sub(r"\W", "_", f"{self.nodeid}/{question.name}")

    def teardown(self) -> None:
        """End the student's process after the last check."""
        self._graded.close()


class CheckItem(pytest.Item):
    """One check of one submission."""

    def __init__(self, *, graded: Graded, question: Question, check: Check, **given: Any) -> None:
        super().__init__(**given)
        self._graded = graded
        self._question = question
        self._check = check
        self._result: Result | None = None
        # The settings of the folder where pytest runs, such as "warnings are errors", are not the student's.
        self.add_marker(pytest.mark.filterwarnings("ignore"))

    def setup(self) -> None:
        """Grade the question; what the grader itself failed at is an error of the item and no failure."""
        report = self._graded.question(self._question.name)
        result = next(result for result in report.results if result.check == self._check.name)
        self._result = result
        self.user_properties += [
            ("submission", self.parent.nodeid if self.parent else ""),
            ("question", report.name),
            ("check", result.check),
            ("status", result.status.value),
            ("points", result.points),
            ("max_points", result.max_points),
        ]
        if result.complaint is not None and result.complaint is report.first_complaint:
            for remark in (*report.remarks, *self._graded.remarks()):
                self.add_report_section("call", "remark", remark)
        if result.status is Status.BROKEN and result.complaint is not None:
            pytest.fail(self._told(result.complaint), pytrace=False)

    def runtest(self) -> None:
        """Fail with the complaint; what is worth no points, and gates none, fails without failing the run."""
        complaint = self._result.complaint if self._result is not None else None
        if complaint is None:
            return
        if self._check.points > 0 or self._check.gate:
            pytest.fail(self._told(complaint), pytrace=False)
        pytest.xfail(self._told(complaint))

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the item is from: the submission, not the grader."""
        return self.path, None, self.name

    def _told(self, complaint: Complaint) -> str:
        # What was got comes first: pytest's summary shows the first line alone.
        parts = sorted(wording.parts(complaint), key=lambda part: part[0] != "got")
        return "\n".join(f"{label}: {text}" for label, text in parts)


def summarise(terminal: Any) -> None:
    """Write the points of each question and submission that was graded, from what the items reported."""
    found: dict[str, dict[str, dict[str, Result]]] = {}
    for category in ("passed", "failed", "error", "xfailed"):
        for report in terminal.getreports(category):
            told = dict(report.user_properties)
            if "max_points" in told:
                result = Result(told["check"], Status(told["status"]), told["points"], told["max_points"])
                found.setdefault(told["submission"], {}).setdefault(told["question"], {})[result.check] = result
    for submission, questions in found.items():
        terminal.section(f"points of {submission}")
        for name, results in questions.items():
            terminal.line(f"{name:<16} {wording.score(QuestionReport(name, tuple(results.values())))}")
        everything = tuple(result for results in questions.values() for result in results.values())
        terminal.line(f"{'together':<16} {wording.score(QuestionReport('together', everything))}")
