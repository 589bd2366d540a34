"""The runner of the suite: nothing that fails, or that doesn't run, is taken for a success."""

from __future__ import annotations

import subprocess
import sys

from tests import suite


def test_counts_are_read_from_pytests_last_line():
    line = "===== 3 failed, 12 passed, 1 skipped, 2 errors in 4.21s ====="
    assert suite.read(line) == {"failed": 3, "passed": 12, "skipped": 1, "error": 2}


def test_the_last_line_sums_the_parts():
    assert suite.total({"neutral": 0, "torch": 0}, [{"passed": 3}, {"passed": 4, "skipped": 1}], 5.4) == (
        0,
        "7 passed, 1 skipped in 5s",
    )


def test_one_failed_part_fails_the_suite_even_without_a_count():
    assert suite.total({"neutral": 0, "keras": -11}, [{"passed": 3}, {}], 1.0) == (1, "3 passed in 1s (failed: keras)")


def test_a_part_without_a_test_fails(tmp_path, capfd):
    code, counts = suite.run("empty", [str(tmp_path)])
    assert (code, counts) == (5, {})
    assert "no tests ran" in capfd.readouterr().out


def test_an_unknown_part_is_a_usage_error():
    done = subprocess.run([sys.executable, "-m", "tests.suite", "jax"], capture_output=True, text=True, cwd=suite.ROOT)
    assert done.returncode == 2
    assert "no part is called 'jax'; there are: neutral, torch, keras" in done.stderr
