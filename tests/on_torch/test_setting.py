"""Probing in a student's own kernel leaves PyTorch as it was."""

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest
import torch

from grader.probes.setting import on_torch as setting


def numbers():
    """What every source of random numbers would give next, without drawing it."""
    with setting.setting.python_numbers_restored(), torch.random.fork_rng(devices=[]):
        return random.random(), np.random.rand(), torch.rand(1).item()


def flags():
    return {
        "dtype": torch.get_default_dtype(),
        "gradients": torch.is_grad_enabled(),
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "anomaly": torch.is_anomaly_enabled(),
        "device": torch.get_default_device(),
        "precision": torch.get_float32_matmul_precision(),
    }


@pytest.fixture
def _odd_kernel():
    """Flags that a student may have set, put back for the tests that follow."""
    before = flags()
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    torch.set_num_threads(2)
    torch.use_deterministic_algorithms(True)
    torch.set_anomaly_enabled(True, check_nan=False)
    torch.set_default_device("meta")
    torch.set_float32_matmul_precision("medium")
    yield
    torch.set_default_dtype(before["dtype"])
    torch.set_grad_enabled(before["gradients"])
    torch.set_num_threads(before["threads"])
    torch.use_deterministic_algorithms(before["deterministic"])
    torch.set_anomaly_enabled(before["anomaly"])
    torch.set_default_device(None)
    torch.set_float32_matmul_precision(before["precision"])


@pytest.mark.usefixtures("_odd_kernel")
def test_inside_everything_is_set_and_outside_as_it_was():
    before = flags()
    with setting.restored():
        setting.reset(3)
        assert flags() == {
            "dtype": torch.float32, "gradients": True, "threads": 1, "deterministic": False, "anomaly": False,
            "device": torch.device("cpu"), "precision": "highest",
        }  # fmt: skip
        assert torch.ones(1, device="cuda").device.type == "cpu"
    assert flags() == before


def test_random_numbers_go_on_where_they_were():
    before = numbers()
    with setting.restored():
        setting.reset(3)
        assert numbers() != before
        torch.rand(5), random.random(), np.random.rand()
    assert numbers() == before


def test_all_is_put_back_after_an_error():
    before = flags(), numbers()
    with contextlib.suppress(ValueError), setting.restored():
        setting.reset(3)
        torch.set_grad_enabled(False)
        raise ValueError
    assert (flags(), numbers()) == before


def test_functions_of_torch_are_its_own_again():
    before = torch.set_default_device, torch.load, torch.cuda.device, torch.cuda.synchronize
    with setting.restored():
        pass
    assert (torch.set_default_device, torch.load, torch.cuda.device, torch.cuda.synchronize) == before
