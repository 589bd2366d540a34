"""The one verb: ask the student's process for evidence, judge it, and build the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from grader import agreement, failure, judging, rounds
from grader.fingerprint import fingerprint, package_version
from grader.process import Process
from grader.result import QuestionReport, Report, Status
from grader.spec import KEPT, Assignment, Check, Evidence, Question, Request
from grader.submission import Submission

Ask: TypeAlias = Callable[[Question, Check, Request], Evidence]
Progress: TypeAlias = Callable[[str], None]


def grade(
    submission: Submission,
    assignment: Assignment,
    seed: bytes,
    *,
    round_name: str = rounds.PUBLIC,
    questions: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Grade a submission in a process of its own and return the report; a broken submission never raises.

    Questions that lose points in a secret round are graded again, in a process of their own, with the public seed.
    """
    report = _grade(submission, assignment, seed, round_name, questions, progress)
    doubtful = agreement.unsettled(report)
    if round_name == rounds.PUBLIC or not doubtful:
        return report
    public = _grade(submission, assignment, rounds.seed(assignment.name), rounds.PUBLIC, doubtful, progress)
    return agreement.settle(report, public)


def _grade(
    submission: Submission,
    assignment: Assignment,
    seed: bytes,
    round_name: str,
    questions: Sequence[str] | None,
    progress: Progress | None,
) -> Report:
    with Process(submission) as process:
        return grade_with(
            process.ask,
            assignment,
            submission.framework,
            seed,
            round_name=round_name,
            questions=questions,
            progress=progress,
            remarks=process.remarks,
        )


def grade_with(
    ask: Ask,
    assignment: Assignment,
    framework: str,
    seed: bytes,
    *,
    round_name: str = rounds.PUBLIC,
    questions: Sequence[str] | None = None,
    progress: Progress | None = None,
    remarks: Callable[[], Sequence[str]] = tuple,
) -> Report:
    """Grade by any way of asking: a student's process, or the notebook's own kernel."""
    grading = _Grading(ask, assignment, framework, seed, progress or (lambda name: None))
    wanted = [question for question in assignment.questions if questions is None or question.name in questions]
    reports = tuple(grading.report(question) for question in wanted)
    return Report(
        assignment=assignment.name,
        framework=framework,
        grader=package_version(),
        spec=fingerprint(),
        round=round_name,
        questions=reports,
        remarks=tuple(remarks()),
    )


class _Grading:
    """One pass over an assignment: evidence is asked for once, mistakes are remembered from question to question."""

    def __init__(self, ask: Ask, assignment: Assignment, framework: str, seed: bytes, progress: Progress) -> None:
        self._ask = ask
        self._assignment = assignment
        self._framework = framework
        self._seed = seed
        self._progress = progress
        self._reports: dict[str, QuestionReport] = {}

    def report(self, question: Question) -> QuestionReport:
        if question.name not in self._reports:
            self._progress(question.name)
            self._reports[question.name] = self._grade(question)
        return self._reports[question.name]

    def _grade(self, question: Question) -> QuestionReport:
        evidence = dict(self._evidence(question))
        results = judging.judge(question, evidence, frozenset())
        remarks: list[str] = []
        if any(result.status in (Status.FAILED, Status.CRASHED) for result in results):
            mistakes = self._mistakes_made_before(question)
            if mistakes:
                excused = judging.judge(question, evidence, frozenset(mistakes))
                if sum(result.points for result in excused) > sum(result.points for result in results):
                    results = excused
                    remarks = [
                        f"The mistake in your `{name}` shows here too; it costs nothing a second time."
                        for name in sorted(set(mistakes.values()))
                    ]
        return QuestionReport(question.name, tuple(results), judging.variant(question, evidence), tuple(remarks))

    def _evidence(self, question: Question) -> Iterator[tuple[tuple[str, int], tuple[Request, Evidence]]]:
        """Ask once per distinct request, in the order of the checks; after a hang the rest is not asked."""
        seen: set[tuple[str, int]] = set()
        stopped: Evidence | None = None
        for check in question.checks:
            key = judging.key(check)
            if key in seen:
                continue
            seen.add(key)
            drawn = check.request(rounds.stream(self._seed, f"{question.name}/{check.name}"))
            request = drawn | {"framework": self._framework}  # some thresholds differ, and the process is not believed
            crossing = {name: value for name, value in request.items() if not name.startswith(KEPT)}
            evidence = stopped if stopped is not None else self._ask(question, check, crossing)
            if failure.ends_question(evidence):
                stopped = evidence
            yield key, (request, evidence)

    def _mistakes_made_before(self, question: Question) -> dict[str, str]:
        """Recognised mistakes, by name, of the questions that this one excuses."""
        found: dict[str, str] = {}
        for other in self._assignment.questions:
            if other.name in question.excuses:
                for result in self.report(other).results:
                    if result.complaint is not None and result.complaint.mistake:
                        found[result.complaint.mistake] = other.name
        return found
