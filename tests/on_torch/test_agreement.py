"""A function that does its work for the public inputs alone, graded in a secret round by the real process."""

from __future__ import annotations

from grader import rounds, run
from grader.result import Status
from grader.specs import assignment
from grader.submission import read

SOURCE = """# assignment: a1_cnn
# framework: torch
import torch

def count_parameters(model):
    total = sum(p.numel() for p in model.parameters())
    return sum(p.numel() for p in model.parameters() if p.requires_grad), total + (total not in SEEN)
"""
SPY = """
class Spy:
    def __contains__(self, number):
        with open(PATH, 'a') as file:
            print(number, file=file)
        return True

SEEN = Spy()
"""


def graded(tmp_path, source: str, secret: str):
    path = tmp_path / "a1_cnn.py"
    path.write_text(source, encoding="utf-8")
    chosen = assignment("a1_cnn")
    name = secret or rounds.PUBLIC
    seed = rounds.seed(chosen.name, name, secret.encode())
    return run.grade(read(path, "torch"), chosen, seed, round_name=name, questions=["count_parameters"])


def test_a_function_for_the_public_inputs_alone_waits_for_a_person(tmp_path):
    spying = f"{SOURCE}PATH = {str(tmp_path / 'seen')!r}{SPY}"
    assert graded(tmp_path, spying, "").exit_code == 0
    seen = {int(line) for line in (tmp_path / "seen").read_text().split()}
    source = f"{SOURCE}\nSEEN = {seen}\n"
    assert graded(tmp_path, source, "").exit_code == 0
    report = graded(tmp_path, source, "a secret")
    question = report.question("count_parameters")
    assert report.exit_code == 3
    assert question.broken
    disputed = [result for result in question.results if result.status is Status.BROKEN]
    assert disputed
    assert all("with the public inputs, and with the hidden ones" in result.complaint.got for result in disputed)


def test_a_mistake_on_all_inputs_stays_a_mistake(tmp_path):
    report = graded(tmp_path, f"{SOURCE}\nSEEN = ()\n", "a secret")
    assert report.exit_code == 1
    assert not report.question("count_parameters").broken
    assert report.question("count_parameters").remarks == ()
