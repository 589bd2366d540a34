"""Mutation testing of the judges: what is sampled, what a verdict must be, and how survivors are named and counted."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader import failure
from grader.result import Complaint, QuestionReport, Report, Result, Status
from grader.specs import question
from tests.bank import Entry
from tests.mutation import survivors, table
from tests.mutation.evidence import ROOT, Passage, replay
from tests.mutation.recording import ASSIGNMENTS, entries
from tests.mutation.replaying import change, concerned, function_at, in_turn, wrong
from tests.mutation.sampling import Mutant, pool, sample

SOURCE = '''"""Text."""
from dataclasses import dataclass
@dataclass(frozen=True)
class Fit:
    rows: int | str = 3
def fit(rows: int | str, *, most: int = 2) -> int | None:
    told = f"{len(rows) + 1}"
    return Complaint(1 + 1, told, "") if len(rows) + 4 > most else None
'''


def at(text: str, within: str, *, operator: str = "core/NumberReplacer", occurrence: int = 0) -> Mutant:
    """The mutant of the first place of a text within a part of the source."""
    before = SOURCE[: SOURCE.index(within) + within.index(text)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n") - 1
    return Mutant("fit.py", (line, column), (line, column + len(text)), operator, occurrence)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "fit.py").write_text(SOURCE)
    return tmp_path


@pytest.mark.parametrize(
    ("mutant", "kept"),
    [
        (at("4", "+ 4 > most"), True),
        (at("2", "most: int = 2"), True),
        (at("3", "str = 3"), True),
        (at("+", "+ 4 > most", operator="core/ReplaceBinaryOperator_Add_Sub"), True),
        (at("1", '+ 1}"'), False),
        (at("1", "Complaint(1 + 1"[9:]), False),
        (at("True", "frozen=True"), False),
        (at("|", "int | str =", operator="core/ReplaceBinaryOperator_BitOr_Sub"), False),
        (at("|", "int | None", operator="core/ReplaceBinaryOperator_BitOr_Sub"), False),
        (at("*", "*, most", operator="core/ReplaceBinaryOperator_Mul_Add"), False),
        (replace(at("4", "+ 4 > most"), module="requests.py"), False),
    ],
)
def test_texts_types_and_what_draws_inputs_are_left_out(root, mutant, kept):
    assert pool([mutant], root, 1) == [mutant] * kept


def test_columns_are_letters_as_cosmic_ray_counts_them(tmp_path):
    (tmp_path / "fit.py").write_text('x = ("×", f"{1}", 2)\n', encoding="utf-8")
    inside, behind = (Mutant("fit.py", (1, c), (1, c + 1), "core/NumberReplacer", 0) for c in (13, 18))
    assert pool([inside, behind], tmp_path, 1) == [behind]


def test_a_sample_is_the_same_again_with_two_of_a_place_and_some_of_each_module(root):
    (root / "other.py").write_text(SOURCE)
    place = at("+", "+ 4 > most", operator="core/ReplaceBinaryOperator_Add_Sub")
    many = [replace(place, operator=f"{place.operator[:-3]}{kind}") for kind in ("Sub", "Mul", "Div", "Mod", "Pow")]
    listed = [*many, at("4", "+ 4 > most"), replace(at("4", "+ 4 > most"), module="other.py")]
    found = pool(listed, root, 1)
    assert len(found) == len(sample(found, 100, 1)) == 4
    assert {mutant.module for mutant in sample(found, 1, 1)} == {"fit.py", "other.py"}
    renamed = [replace(mutant, job=str(number)) for number, mutant in enumerate(reversed(listed))]
    assert [replace(mutant, job="") for mutant in pool(renamed, root, 1)] == found
    assert sample(reversed(found), 2, 1) == sample(found, 2, 1)


def report(points: float, complaint: Complaint | None = None, status: Status = Status.FAILED) -> Report:
    result = Result("shape", status if complaint else Status.PASSED, points, 1.0, complaint)
    return Report("a", "torch", "", "", "public", (QuestionReport("fit", (result,)),))


SAID = Complaint("a shape", "(3,)", "reshape", "transposed")
MUTANT = Entry("mutant", "fit", says="(3,)", mistake="transposed")


@pytest.mark.parametrize(
    ("entry", "verdict", "expected"),
    [
        (Entry("honest", "fit"), report(1), ""),
        (Entry("honest", "fit"), report(0, SAID), "an honest variant"),
        (MUTANT, report(0, SAID), ""),
        (MUTANT, report(1), "a mutant at full marks"),
        (MUTANT, report(0, replace(SAID, got="(4,)")), "other words"),
        (MUTANT, report(0, replace(SAID, mistake="")), "other words"),
        (MUTANT, report(0, SAID, Status.BROKEN), "a fault of the grader"),
    ],
)
def test_a_verdict_is_what_the_bank_demands(entry, verdict, expected):
    found = wrong(entry, verdict)
    assert found.startswith(expected)
    assert bool(found) == bool(expected)


def test_a_change_is_one_of_points_or_of_words():
    before = report(0, SAID).to_dict()
    assert change(before, report(0, SAID).to_dict() | {"spec": "another grader's fingerprint"}) == ""
    assert change(before, report(0, replace(SAID, fix="transpose")).to_dict()) == "words"
    assert change(before, report(0.5, SAID).to_dict()) == "points"


def test_recorded_evidence_is_judged_again(tmp_path):
    entry = next(each for each in entries(("a1_cnn",)) if not each.says)
    error = failure.write("missing")["error"]
    (tmp_path / "a1_cnn").mkdir()
    checks = question(entry.question)[1].checks
    np.savez(tmp_path / "a1_cnn" / f"{entry.name}.npz", **{f"{entry.question} {c.name} error": error for c in checks})
    found = replay(entry, tmp_path)
    assert found.points == 0
    assert "defines none" in wrong(entry, found)


def test_entries_are_those_whose_judging_runs_the_function():
    module = "grader/checks/thresholds.py"
    line = next(n for n, text in enumerate((ROOT / module).read_text().splitlines(), 1) if text.startswith("def "))
    first = function_at(ROOT / module, line)
    assert 0 < first < line  # a decorator belongs to its function
    assert function_at(ROOT / module, 1) == 0
    passages = {
        "reads": Passage(0.1, (f"{module}:{first}",), {}),
        "other": Passage(0.1, (f"{module}:1000",), {}),
        "apart": Passage(0.1, ("grader/run.py:1",), {}),
    }
    assert concerned(passages, module, line) == ["reads"]
    assert concerned(passages, module, 1) == ["reads", "other"]


def test_questions_take_turns():
    drawn = [Entry(name, name[0], says=name[1:2]) for name in ("a1", "a2", "a", "b1", "b2")]
    assert [entry.name for entry in in_turn(drawn)] == ["a1", "a", "b1", "a2", "b2"]
    assert {entry.assignment for entry in in_turn(entries())[:60]} == set(ASSIGNMENTS)


def test_a_mutant_is_named_by_the_words_around_its_edit():
    diff = (
        "--- mutation diff ---\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n     x = 1\n-    if rows < 2:\n+    if rows <= 2:"
    )
    assert survivors.name("grader/checks/x.py", "fit", diff) == "checks/x.py, fit: `if rows < 2:` -> `if rows <= 2:`"
    gone = "--- mutation diff ---\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-@cached_property\n def y(self):"
    assert survivors.name("grader/run.py", "y", gone) == "run.py, y: `@cached_property` -> nothing"


def test_the_document_counts_and_groups_what_survived():
    outcomes = [
        table.Outcome("a.py", "killed", True, ""),
        table.Outcome("a.py", "alike", False, "of 3 verdicts none changed\n"),
        table.Outcome("b.py", "odd", False, "of 3 verdicts 1 in points changed\n"),
        table.Outcome("b.py", "far", False, "of 0 verdicts none changed\n"),
    ]
    known = [survivors.Group("Equivalent", "It computes the same.", ("alike", "no longer there"))]
    about = {"entries": 3, "bank": 4, "listed": 9, "commit": "abc", "seed": 1}
    text = table.document(outcomes, {"a.py": 6, "b.py": 2}, about, survivors.grouped(["alike", "far", "odd"], known))
    assert "1 of 3 were killed; weighted by how many mutants each module has, 38 %" in " ".join(text.split())
    assert "| `a.py` | 6 | 2 | 1 | 0 |" in text
    assert "| `b.py` | 2 | 2 | 0 | 1 |" in text
    assert "reached, 1 changed the points of an entry that loses points all the same, 0 only words" in text
    assert "function of the other 1." in " ".join(text.split())
    assert (
        text.index("### Equivalent") < text.index("- alike") < text.index("### Not looked at yet") < text.index("- odd")
    )
    assert "no longer there" not in text


def test_judging_again_loads_no_framework():
    ask = "import sys, tests.mutation.killing; print(sorted({'torch', 'keras', 'tensorflow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_person_has_said_why_each_group_survives():
    groups = survivors.groups()
    assert all(group.title and group.why.endswith(".") and group.mutants for group in groups)
    listed = [name for group in groups for name in group.mutants]
    assert len(listed) == len(set(listed))
    assert table.closed(survivors.closed()).count("\n- ") == len(survivors.closed())
