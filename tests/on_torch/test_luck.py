"""The tool that looks for what a right program loses by luck."""

from __future__ import annotations

import pytest

from tests.bank import luck


def test_a_solution_loses_nothing_under_a_few_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert luck.main(["torch", "choose_strategy", "make_schedule", "--seeds", "2"]) == 0
    assert capsys.readouterr().out == "2 of 2 seeds, something lost 0 times, 0 s left\n"


def test_what_is_lost_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    source = (luck.SOLUTIONS / "a5_transfer" / "on_torch.py").read_text(encoding="utf-8")
    wrong = luck.asking(source.replace("def choose_strategy", "def no_strategy"), "torch")
    monkeypatch.setattr(luck, "_ask", lambda assignment, framework: wrong)
    assert luck.main(["torch", "choose_strategy", "--seeds", "1"]) == 1
    assert capsys.readouterr().out.startswith("choose_strategy under luck1: 0 of 2, Complaint(expected=")
