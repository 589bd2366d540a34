"""The same submission and the same seed give the same report, byte for byte, whatever was asked before."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from grader import rounds, run
from grader.result import Report
from grader.specs import assignment
from grader.submission import read
from tests.bank.judging import MUTANTS

WRONG = {"a1_cnn": "train_epoch", "a2_resnet": "basic_block", "a3_training": "fit", "a4_pretrained": "feature_maps"}


def check_repeating(name: str, framework: str, tmp_path: Path) -> None:
    """Grade a solution with one wrong question twice, and with its questions in reverse order."""
    wrong = next(entry for entry in MUTANTS if entry.question == WRONG[name] and entry.edits(framework))
    path = tmp_path / f"{name}.py"
    path.write_text(wrong.source(framework), encoding="utf-8")
    straight = assignment(name)
    reverse = dataclasses.replace(straight, questions=straight.questions[::-1])
    first, again, backwards = (
        run.grade(read(path, framework), chosen, rounds.seed(name)) for chosen in (straight, straight, reverse)
    )
    assert first.points < first.max_points
    assert again.to_json() == first.to_json()
    assert _in_order(backwards) == first.to_json()


def _in_order(report: Report) -> str:
    return dataclasses.replace(report, questions=report.questions[::-1]).to_json()
