"""Running cells statement by statement: what counts, what is skipped, and whose definition wins."""

from __future__ import annotations

import ast
import inspect
import os
import sys
from pathlib import Path

import pytest

from grader import magics, salvage
from grader.cells import Cells


@pytest.fixture(autouse=True)
def _nothing_is_left():
    yield
    magics._shell_class().clear_instance()
    sys.modules.pop("submission", None)


def ran(*sources, seconds=5.0, all_seconds=20.0, skip=()):
    cells = Cells(seconds, all_seconds, skip)
    cells.run([(source, f"cell {number}") for number, source in enumerate(sources, 1)])
    return cells


def test_what_fails_is_skipped_and_the_rest_of_its_cell_counts():
    cells = ran("x = 1\nraise ValueError('no')\ny = 2", "import nothing_of_that_name\ndef f(): return x + y")
    assert cells.definitions["f"]() == 3
    assert cells.remarks[0] == "cell 1, line 2 was skipped: ValueError: no"
    assert cells.remarks[1].startswith("cell 2, line 1 was skipped: ModuleNotFoundError")


@pytest.mark.parametrize("leave", ["exit()", "quit()", "import sys; sys.exit(3)", "raise KeyboardInterrupt", "input()"])
def test_leaving_is_skipped(leave, monkeypatch):
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        cells = ran(f"{leave}\ndef f(): return 1")
    assert cells.definitions["f"]() == 1
    assert "cell 1, line 1 was skipped" in cells.remarks[0]


def test_a_statement_that_takes_too_long_is_skipped_even_when_it_swallows_errors():
    loop = "while True:\n    try:\n        time.sleep(9)\n    except Exception:\n        pass"
    cells = ran("import time", loop, "def f(): return 1", seconds=0.2)
    assert cells.definitions["f"]() == 1
    assert cells.remarks == [
        "cell 2, line 1 was skipped: it took more than 1 s; put training under `if not grader.grading:`"
    ]


def test_when_the_time_of_all_is_used_up_short_statements_still_run():
    cells = ran("import time\ntime.sleep(0.3)", "x = 3\ndef f(): return x", all_seconds=0.1)
    assert cells.definitions["f"]() == 3
    assert cells.remarks == []


def test_of_a_cell_that_is_no_python_the_statements_that_can_be_read_count():
    cells = ran("x = 1\ndef f(:\n    pass\n\n# next\ndef g(): return x", "def h(): return g() + 1")
    assert cells.remarks == ["cell 1, line 2 is no valid Python (invalid syntax): lines 2 to 5 don't count"]
    assert cells.unparsed == [("cell 1, line 2", "def f(:\n    pass\n\n# next")]
    assert cells.definitions.keys() == {"g", "h"}
    assert cells.definitions["h"]() == 2


BROKEN = {  # name: (lines, what can be read of them, where and which lines can't)
    "bracket left open": ("x = f(1,\ndef g():\n    return 1", {"def g": 2}, [(1, 1, 1)]),
    "text at the margin": ('y = (\nz = """\ndef no():\n"""\nw = 1', {"z =": 2, "w =": 5}, [(1, 1, 1)]),
    "decorators": ("@a\n@b(\ndef f():\n    pass\n@a\n@b\ndef g():\n    pass", {"@a": 7}, [(1, 4, 2)]),
    "branches": ("if a:\n    b\nelse:\n    c\n1 = 2\ntry:\n    d\nfinally:\n    e", {"if": 1, "try": 6}, [(5, 5, 5)]),
    "a body cut in two": ("a = 1\ndef f():\n    b = 2\nc = 3\n    return b\nd = 4", {"a =": 1, "d =": 6}, [(2, 5, 5)]),
    "an empty body": ("a = 1\ndef f():\n# todo\nb = 2", {"a =": 1, "b =": 4}, [(2, 3, 3)]),
    "a byte of 0": ("a = 1\nb = '\0'\r\nc = 2", {"a =": 1, "c =": 3}, [(2, 2, 2)]),
    "no beginning": ("# first\n)\na = 1", {"a =": 3}, [(2, 2, 2)]),
    "indented": ("\n  a = 1\nb = 2", {"b =": 3}, [(2, 2, 2)]),
    "nothing": ("# only", {}, []),
}


@pytest.mark.parametrize(("source", "read", "broken"), BROKEN.values(), ids=BROKEN)
def test_statements_are_read_one_by_one(source, read, broken):
    found, left = salvage.statements(source)
    assert [statement.lineno for statement in found] == list(read.values())
    for statement, start in zip(found, read, strict=True):
        assert ast.unparse(statement).startswith(start)
    assert [(part.first, part.last, part.line) for part in left] == broken


def test_a_statement_may_be_left_out():
    cells = ran("x = 1\nx = 2", "def f(): return x", skip=["cell 1/1"])
    assert cells.definitions["f"]() == 1
    assert "cell 1, line 2 was skipped" in cells.remarks[0]


OWN = "def f(): return 'own'\n"


@pytest.mark.parametrize(
    "source",
    [
        "f = lambda: 'own'",
        "def g(): return 'own'\nf = g",
        "import functools\ndef g(x): return x\nf = functools.partial(g, 'own')",
        "import functools\n@functools.lru_cache\ndef f(): return 'own'",
        "class f(str):\n    def __new__(cls): return 'own'",
        "class Factory:\n    @classmethod\n    def make(cls): return 'own'\nf = Factory.make",
        "if True:\n    def f(): return 'own'",
        "try:\n    import nothing_of_that_name\nexcept ImportError:\n    def f(): return 'own'",
        "import operator\ndef decorate(g): return operator.methodcaller('lower')\n@decorate\ndef g(): pass\nf = g",
        OWN + "from os.path import join as f",
        OWN + "import os as f",
        OWN + "f = f()",
        OWN + "f = 5\nf = 'model'",
        "def f(): return 'first'\n" + OWN,
        OWN + "from os import getcwd as f\n" + OWN,
        "from os import getcwd as f\n" + OWN,
    ],
)
def test_the_last_definition_of_the_students_own_wins(source):
    found = ran(source).definitions["f"]
    assert (found("OWN") if "methodcaller" in source else found()) == "own"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("from os.path import join as f", "something imported from `posixpath`"),
        ("import os.path\nf = os.path.join", "something imported from `posixpath`"),
        ("import os as f", "the module `os`"),
        ("f = [1]", "an object of type `list`"),
        ("class Model:\n    def __getattr__(self, name): return self\nf = Model()", "an object of type `Model`"),
    ],
)
def test_what_is_not_the_students_own_is_no_definition(source, words):
    cells = ran(source)
    assert "f" not in cells.definitions
    assert cells.overwritten["f"] == words


def test_a_name_bound_to_something_else_later_is_reported():
    assert ran(OWN + "f = 5").remarks == [
        "`f` is bound to an object of type `int` later: your own definition of it counts"
    ]


def test_functions_see_the_names_as_they_stand_at_the_end():
    assert (
        ran("size = 1", "def f(): return helper() + size", "def helper(): return 10", "size = 2").definitions["f"]()
        == 12
    )


def test_magics_commands_and_display_do_no_harm():
    cells = ran(
        "%matplotlib inline\n!exit 3\n%pip install nothing\nfiles = !ls\ndef f(): return files",
        "%%time\nraise ValueError\ndef g(): return 1",
        "get_ipython().run_line_magic('matplotlib', 'inline')\ndisplay(f)",
        "%nothing_of_that_name\ndef h(): return 1",
    )
    assert cells.definitions["f"]() == []
    assert cells.definitions.keys() >= {"g", "h"}
    assert [remark.partition(" was")[0] for remark in cells.remarks] == ["cell 2, line 2", "cell 4, line 1"]


def test_without_ipython_magics_are_left_out(monkeypatch):
    monkeypatch.setattr(magics.importlib.util, "find_spec", lambda name: None)
    cells = ran("%matplotlib inline\nif True:\n    !ls\ndef f(): return 1", "get_ipython()\nx = 3")
    assert cells.definitions["f"]() == 1
    assert cells.module.x == 3


def test_await_works_at_top_level():
    cells = ran("import asyncio\nasync def g(): return 3", "x = await g()\ndef f(): return x")
    assert cells.definitions["f"]() == 3


def test_future_imports_hold_for_all_that_follows():
    assert "f" in ran("from __future__ import annotations", "def f(x: Undefined): pass").definitions


def test_sources_can_be_shown_and_names_may_be_unicode():
    cells = ran("def größe():\n    return 'ü'\n")
    assert inspect.getsource(cells.definitions["größe"]) == "def größe():\n    return 'ü'\n"


def test_definitions_belong_to_the_submission():
    cells = ran("class Net: pass\nfast = __name__")
    assert cells.definitions["Net"].__module__ == "submission"
    assert cells.module.fast == "submission"
