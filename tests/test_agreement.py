"""Where the public seed and the secret one disagree, no number is given and a person looks."""

from __future__ import annotations

from grader import agreement
from grader.result import Complaint, QuestionReport, Report, Result, Status

COMPLAINT = Complaint("12 outputs", "11 outputs", "count again", "one_short")


def result(check: str, status: Status, complaint: Complaint | None = COMPLAINT) -> Result:
    passed = status is Status.PASSED
    return Result(check, status, 2.0 * passed, 2.0, None if passed else complaint)


def report(*results: Result, name: str = "block") -> Report:
    return Report("a1", "torch", "0", "sha256:", "final", (QuestionReport(name, results),))


PASSED, FAILED = result("shape", Status.PASSED), result("shape", Status.FAILED)
OTHER = result("values", Status.FAILED)


def test_only_questions_that_lost_points_are_looked_at_again():
    assert agreement.unsettled(report(FAILED, OTHER)) == ("block",)
    assert agreement.unsettled(report(PASSED)) == ()


def test_equal_verdicts_stay_as_they_are():
    hidden = report(PASSED, OTHER)
    assert agreement.settle(hidden, report(PASSED, OTHER)) == hidden


def test_another_complaint_for_the_same_verdict_is_no_dispute():
    other = result("shape", Status.CRASHED, Complaint("an array", "an error", "read it"))
    assert agreement.settle(report(FAILED), report(other)) == report(FAILED)


def test_what_passes_on_public_inputs_alone_goes_to_a_person():
    settled = agreement.settle(report(FAILED, OTHER), report(PASSED, OTHER)).questions[0]
    shape, values = settled.results
    assert (shape.status, shape.points, values) == (Status.BROKEN, 0.0, OTHER)
    assert shape.complaint == Complaint(
        "12 outputs",
        "that with the public inputs, and with the hidden ones: 11 outputs",
        "nothing yet: your instructor compares both; a function must do its work for any input, not for the ones seen",
    )
    assert settled.broken
    assert settled.remarks == (
        "The inputs that you could try and the hidden ones give different results here: a person will look at it.",
    )


def test_what_passes_on_hidden_inputs_alone_goes_to_a_person_too():
    shape = agreement.settle(report(PASSED, OTHER), report(FAILED, OTHER)).questions[0].results[0]
    assert (shape.status, shape.points) == (Status.BROKEN, 0.0)
    assert shape.complaint is not None
    assert shape.complaint.got == "that with the hidden inputs, and with the public ones: 11 outputs"


def test_a_question_that_was_not_tried_again_keeps_its_result():
    assert agreement.settle(report(FAILED), report(PASSED, name="another")) == report(FAILED)
