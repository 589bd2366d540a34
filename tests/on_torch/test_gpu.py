"""On an NVIDIA GPU: runs resume to the bit, 16 bits and compilation change little, checks give the same reports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.probes.setting import on_torch as setting
from grader.specs import assignment
from reference.data import WORLD
from reference.on_torch import device, train
from reference.settings import Settings
from tests import running, stepping
from tests.bank.judging import MUTANTS
from tests.repeating import WRONG

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="it needs an NVIDIA GPU")

# A notebook whose cells have run in a kernel that sees the GPU, and its checks there.
CHECKED = """
import sys
from pathlib import Path
import torch
import grader
from grader.frontends.notebook import check
place, path, *names = sys.argv[1:]
torch.set_default_device(place)
grader.grading = True  # the cells' own training is left out
exec(compile(Path(path).read_text(), path, "exec"))
for name in names:
    print(check(name).report.to_json())
assert torch.zeros(1).device.type == place, "the student's device isn't put back"
"""
# What students write where their runtime has a GPU: constants kept there, and what meets them moved there.
KEPT = """
import torch
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
MEAN = torch.tensor([0.25, 0.5, 0.75], device=DEVICE).view(1, 3, 1, 1)
HEAD = torch.nn.Linear(3, 2).to(DEVICE)
centred = lambda images: images.to(DEVICE) - MEAN
joined = lambda images: torch.cat([images[:, :1], MEAN.to(DEVICE)], dim=1)
shape = lambda images: MEAN.shape[1] + len(images)
logits = lambda images: HEAD(images.mean((2, 3)))
"""


def trainer(**options: str) -> train.Trainer:
    chosen = device.choose(Settings(**options))
    return train.Trainer(train.build("small_residual8", 10, (32, 32, 3), 0), stepping.RECIPE, WORLD, chosen)


def test_a_run_that_was_killed_on_a_gpu_ends_as_one_that_was_not(tmp_path: Path) -> None:
    running.check_resuming("torch", tmp_path, "cuda")


@pytest.mark.filterwarnings("ignore:.*script_method:DeprecationWarning")  # PyTorch 2.11's own, as its compiler starts
def test_a_gpu_is_chosen_and_computes_in_16_bits_compiled_what_the_cpu_computes() -> None:
    expected, _ = stepping.run(trainer(device="cpu"))
    single, _ = stepping.run(trainer(mixed="off", compile="off", deterministic="on"))
    fast = trainer()
    losses, _ = stepping.run(fast)
    assert fast.device.type == "cuda"
    assert torch.cuda.get_device_name() in fast.words
    assert fast.words.endswith("channels last, compiled")
    np.testing.assert_allclose(single, expected, rtol=1e-3)
    np.testing.assert_allclose(losses, expected, rtol=0.05)


@pytest.mark.parametrize("name", WRONG)
def test_a_check_in_a_kernel_with_a_gpu_gives_the_same_report(name: str, tmp_path: Path) -> None:
    wrong = next(entry for entry in MUTANTS if entry.question == WRONG[name] and entry.edits("torch"))
    path = tmp_path / "submission.py"
    path.write_text(wrong.source("torch"), encoding="utf-8")
    questions = [question.name for question in assignment(name).questions]
    found = []
    for place in ("cpu", "cuda"):
        command = [sys.executable, "-c", CHECKED, place, str(path), *questions]
        done = subprocess.run(command, cwd=running.ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found.append(done.stdout)
    assert found[0].count('"passed"') >= len(questions)
    assert found[0] == found[1]


def test_what_a_notebook_keeps_on_its_gpu_meets_the_cpu_there() -> None:
    namespace: dict = {}
    exec(KEPT, namespace)
    images = torch.ones(1, 3, 1, 1)
    assert namespace["MEAN"].is_cuda
    with setting.restored():
        assert namespace["centred"](images).flatten().tolist() == [0.75, 0.5, 0.25]
        assert namespace["joined"](images).flatten().tolist() == [1, 0.25, 0.5, 0.75]
        assert namespace["shape"](images) == 4
        namespace["logits"](images).sum().backward()
        assert namespace["HEAD"].weight.grad.abs().sum() > 0
    assert namespace["MEAN"].is_cuda
    assert namespace["HEAD"].weight.grad.is_cuda
