"""What a student is advised to do about an error, by its text."""

from __future__ import annotations

import pytest

from grader import failure, judging, probes
from grader.result import Status
from grader.spec import Check, Question
from grader.specs import question

ERRORS = {
    "AttributeError: cannot assign module before Module.__init__() call": "`super().__init__()` first",
    "TypeError: Block.__init__() takes 1 positional argument but 4 were given": "two underscores on either side",
    "TypeError: forward() got an unexpected keyword argument 'stride'": "the parameter names that the stub has",
    "NotImplementedError: ": "replace `raise NotImplementedError`",
    "RuntimeError: The size of tensor a (8) must match the size of tensor b (4)": "both sides of an addition",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x512 and 2048x10)": "another number of features",
    "AttributeError: 'NoneType' object has no attribute 'shape'": "does every function that you call end with",
    "ZeroDivisionError: division by zero": "a generator can be gone through once",
    "ValueError: Input 0 is incompatible with the layer: expected axis -1 of input shape to have value 6": (
        "make a new one at each call"
    ),
    "IndexError: list index out of range": "read the last line of the error",
}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_comes_with_advice(error: str) -> None:
    kind, _, message = error.partition(": ")
    raised = {"kind": "raised", "phase": "building the model", "type": kind, "message": message, "line": ""}
    complaint = failure.explain(question("basic_block")[1], raised)
    assert ERRORS[error] in complaint.fix
    assert kind in complaint.got


def test_an_error_is_told_without_the_frames_and_arguments_that_a_framework_wraps_around_it() -> None:
    shown = "\x1b[1mThe first axis is {}.\x1b[0m\n\nArguments received by Net.call():\n  • x=0"
    inner = f"Exception encountered when calling Net.call().\n\n{shown}"
    assert probes.plain(inner) == "The first axis is {}."
    frames = '    File "/somewhere/classifier.py", line 1, in step  *\n        logits = model(batch)\n\n'
    indented = inner.replace("\n", "\n    ")
    assert probes.plain(f"in user code:\n\n{frames}    ValueError: {indented}\n") == "The first axis is {}."
    assert probes.plain("two\n  lines") == "two lines"


@pytest.mark.parametrize(
    ("found", "status", "got"),
    [
        ("fault", Status.BROKEN, "the grader itself failed (in a check before this one)"),
        ("raised", Status.FAILED, "not counted"),
    ],
)
def test_behind_a_gate_nothing_counts_and_a_fault_of_ours_is_nobodys_zero(found: str, status: Status, got: str) -> None:
    gate = Check("gate", "Built by hand.", "first", lambda generator: {}, lambda request, evidence: None, 0, gate=True)
    behind = Check("behind", "Right.", "second", lambda generator: {}, lambda request, evidence: None, 1)
    asked = {judging.key(gate): ({}, failure.write(found, message="no memory")), judging.key(behind): ({}, {})}
    results = judging.judge(Question("one", {"torch": "one"}, (gate, behind)), asked, frozenset())
    assert results[0].status is (Status.BROKEN if found == "fault" else Status.CRASHED)
    assert (results[1].status, results[1].points) == (status, 0)
    assert results[1].complaint is not None
    assert results[1].complaint.got == got
