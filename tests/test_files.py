import json
import os
import stat

import pytest

from grader.frontends import finding, writing


@pytest.mark.parametrize(
    "name", ["a2_resnet", "a2_resnet (1)", "a2_resnet(2)", "Copy of a2_resnet", "Copy of Copy of a2_resnet (3)",
             "a2_resnet - Copy", "a2_resnet copy 2"]
)  # fmt: skip
def test_copies_by_browsers_keep_their_assignment(tmp_path, name):
    assert finding.assignment_of(tmp_path / f"{name}.ipynb").name == "a2_resnet"


def test_a_report_replaces_the_old_one_in_one_step(tmp_path):
    path = tmp_path / "report.json"
    path.write_text("old")
    writing.replace(path, json.dumps("a lone \udc80 and a ✓", ensure_ascii=False))
    assert json.loads(path.read_text(encoding="utf-8")) == "a lone \udc80 and a ✓"
    assert list(tmp_path.iterdir()) == [path]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "report.json"
    path.write_text("old")
    with pytest.raises(TypeError):
        writing.replace(path, b"bytes")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
