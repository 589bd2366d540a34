"""What the bank asks of the grader, once for both frameworks."""

from __future__ import annotations

from grader.result import Report
from tests.bank import Entry, blocks, nets, variants
from tests.bank.grading import grade

MUTANTS = (*blocks.MUTANTS, *nets.MUTANTS)
# mistakes that show at the second or third depth of the question only
DEEPER = {"bottlenecks_in_34": 2, "ready_made_at_the_call": 3}


def existing(entries: tuple[Entry, ...], framework: str) -> list[Entry]:
    """The entries that exist in a framework."""
    return [entry for entry in entries if entry.edits(framework)]


def judge_mutant(entry: Entry, framework: str) -> Report:
    """Grade a mutant on its question; raises AssertionError unless it loses points with the right first complaint."""
    depths = DEEPER.get(entry.name, 1)
    report = grade(entry.source(framework), framework, [entry.question], depths=depths)
    question = report.questions[0]
    assert not question.broken, question.results
    assert question.points < question.max_points, f"{entry.name} reaches full marks"
    complaint = question.first_complaint
    assert complaint is not None
    words = f"{complaint.expected} | {complaint.got} | {complaint.fix}"
    assert entry.says in words, f"{entry.name}: {words}"
    if entry.mistake:
        assert complaint.mistake == entry.mistake, f"{entry.name}: recognised as {complaint.mistake!r}: {words}"
    return report


def judge_variant(entry: Entry, framework: str) -> Report:
    """Grade an honest variant on its question and the nets built from it; raises AssertionError unless all is right."""
    touched = [entry.question] if entry.question.startswith("cifar") else [entry.question, "resnet"]
    depths = 3 if entry.question == "bottleneck" else 1
    report = grade(entry.source(framework), framework, dict.fromkeys(touched), depths=depths)
    complaints = [question.first_complaint for question in report.questions if question.first_complaint]
    assert not complaints, complaints
    assert report.points == report.max_points
    return report


def name_of(entry: Entry) -> str:
    """The name of an entry as a test id."""
    return entry.name


VARIANTS = variants.VARIANTS
