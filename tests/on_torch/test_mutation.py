"""Evidence of the bank is recorded once, and judged again as it was."""

from __future__ import annotations

import numpy as np

from tests.mutation import evidence
from tests.mutation.recording import entries
from tests.mutation.replaying import wrong


def test_what_was_recorded_is_judged_as_it_was(tmp_path):
    entry = next(each for each in entries(("a5_transfer",)) if each.question == "choose_strategy" and each.says)
    assert not evidence.recorded(entry, tmp_path)
    evidence.record(entry, tmp_path)
    assert evidence.recorded(entry, tmp_path)
    report = evidence.replay(entry, tmp_path)
    passage = evidence.passage(entry, tmp_path)
    assert wrong(entry, report) == ""
    assert passage.verdict == report.to_dict()
    assert any(function.startswith("grader/checks/transfer/strategy.py:") for function in passage.functions)


def test_other_evidence_gets_another_verdict(tmp_path):
    entry = next(each for each in entries(("a5_transfer",)) if each.question == "choose_strategy" and each.says)
    evidence.record(entry, tmp_path)
    path = tmp_path / "a5_transfer" / f"{entry.name}.npz"
    with np.load(path) as found:
        np.savez(path, **{name: np.zeros(0, np.uint8) for name in found.files})
    assert evidence.replay(entry, tmp_path).to_dict() != evidence.passage(entry, tmp_path).verdict
