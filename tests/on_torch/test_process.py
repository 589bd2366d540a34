"""A student's process, really started: what honest notebooks do, and what they are told."""

from __future__ import annotations

import numpy as np
import pytest

from grader import failure
from grader.probes.setting import GPU
from tests.asking import ONES, ask, error, result, started

HONEST = [
    "%matplotlib inline\nimport random, sys, time, warnings\nimport numpy as np, torch\nimport grader\n!pip install x",
    "print('ü' * 10_000_000)\nprint('noise', file=sys.stderr)\nwarnings.warn('noise')\nwarnings.simplefilter('error')",
    "open('torch.py', 'w').write('raise ValueError')\nopen('numpy.py', 'w').write('raise ValueError')",
    "sys.exit(3)\ntime.sleep(30)\nname = input()\ndef after(): return 1",
    "def broken(:\n    pass",
    "def own(): return 'own' == 'own'\nfrom os import getcwd as own\nown = torch.nn.Linear(1, 1)",
    "import os as module\nmodel = torch.nn.Linear(1, 1).cuda()\ngrader.check('basic_block')",
    "def grading(): return grader.grading",
    "def numbers(): return [random.random(), np.random.rand(), torch.rand(1, dtype=torch.float64).item()]",
    "torch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\n"
    "torch.set_float32_matmul_precision('medium')\nsys.setrecursionlimit(150)",
    "def flags():\n"
    "    return [torch.get_default_dtype() == torch.float32, torch.is_grad_enabled(), torch.get_num_threads(),\n"
    "            torch.get_float32_matmul_precision() == 'highest', sys.getrecursionlimit()]",
    "def on_gpu(): return (torch.ones(2, device='cuda') + torch.ones(2).to('mps') + model.weight.to(0)).sum().item()",
    "def in_gpu_context():\n"
    "    torch.set_default_device('cuda')\n"
    "    with torch.device('cuda'), torch.cuda.device(0), torch.autocast('cuda'):\n"
    "        torch.save(torch.ones(2).cuda(), 'a.pt')\n"
    "    return torch.load(f='a.pt', map_location='cuda').sum().item()",
    "import argparse\noptions = argparse.ArgumentParser().parse_args()\ndef parsed(): return options is not None",
    "def wrong():\n    x = torch.ones(2, 3)\n    return x @ x  # here\n",
    "def leaving(): sys.exit()",
    "def environment(): return sorted(os.environ)\nimport os",
    "def secrets(): return [name in os.environ for name in ('SECRET', 'PYTHONPATH')]",
    "def importing():\n    import numpy.linalg, solutions",
    "def text(): return 'abc'",
]


@pytest.fixture(scope="module")
def honest():
    with started("torch", *HONEST, cell_seconds=0.5) as process:
        yield process


def test_arrays_cross_as_they_are_and_the_rest_as_it_is(honest):
    evidence = ask(honest, "after", ones=ONES, seed=7, sizes=[1, 2], name="ü")
    assert evidence.keys() == {"ones", "result"}
    assert np.array_equal(evidence["ones"], ONES)
    assert evidence["ones"].dtype == np.float32


def test_noise_magics_and_shadowing_files_harm_nothing(honest):
    assert result(honest, "after") == 1


def test_what_was_skipped_is_told(honest):
    result(honest, "after")
    remarks = honest.remarks()
    assert remarks[0] == "read"
    for start in (
        "cell 4, line 1 was skipped: SystemExit: 3",
        "cell 4, line 2 was skipped: it took more than 1 s",
        "cell 4, line 3 was skipped: EOFError",
        "cell 5, line 1 is no valid Python",
        "`own` is bound to an object of type `Linear` later",
        GPU,
    ):
        assert any(remark.startswith(start) for remark in remarks), (start, remarks)
    assert len(remarks) == 8, remarks  # `own` twice


def test_the_students_own_definition_counts(honest):
    assert result(honest, "own") is True


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("module", "the name `module` is bound to the module `os`, not to a function or class of your own"),
        ("model", "the name `model` is bound to an object of type `Linear`, not to a function or class of your own"),
        ("broken", "none that counts, as cell 5, line 1 is no valid Python"),
    ],
)
def test_a_missing_function_is_explained(honest, name, message):
    found = error(honest, name)
    assert (found["kind"], found["message"]) == ("missing", message)


def test_grading_is_known_to_the_code(honest):
    assert result(honest, "grading") is True


def test_random_numbers_hang_on_the_seed_alone(honest):
    assert result(honest, "numbers", seed=3) == result(honest, "numbers", seed=3) != result(honest, "numbers", seed=4)


def test_flags_are_put_back_before_each_probe(honest):
    assert result(honest, "flags") == [True, True, 1, True, 1000]


def test_code_that_names_a_gpu_runs_on_the_cpu(honest):
    assert isinstance(result(honest, "on_gpu"), float)
    assert result(honest, "in_gpu_context") == 2


def test_a_scripts_options_stand_at_their_defaults(honest):
    assert result(honest, "parsed") is True


def test_an_exception_comes_with_the_students_line(honest):
    found = error(honest, "wrong")
    assert found["kind"] == "raised"
    assert found["type"] == "RuntimeError"
    assert "mat1 and mat2" in found["message"]
    assert found["line"] == "return x @ x  # here"


def test_a_function_may_not_leave(honest):
    assert error(honest, "leaving")["kind"] == "died"
    assert result(honest, "after") == 1


def test_the_environment_is_an_allowlist(honest, monkeypatch):
    monkeypatch.setenv("SECRET", "1")
    assert result(honest, "secrets") == [False, False]


def test_neither_files_of_the_student_nor_solutions_can_be_imported(honest):
    found = error(honest, "importing")
    assert (found["type"], found["message"]) == ("ModuleNotFoundError", "No module named 'solutions'")


def test_text_is_no_answer(honest):
    assert error(honest, "text")["kind"] == "malformed"


def test_a_probe_that_is_not_there_is_a_fault_of_ours(honest):
    assert failure.read(ask(honest, "after", 30.0, "setting.nothing"))["kind"] == "fault"


def test_an_empty_submission_misses_everything():
    with started("torch") as process:
        assert error(process, "f")["kind"] == "missing"
