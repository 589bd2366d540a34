# Two commands: `make demo` grades a class with the real nbgrader, `make test` runs the whole suite.
PYTHON ?= python3
BIN := .venv/bin
export OMP_NUM_THREADS ?= 1
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: install demo test test-all lint bench bank numerics versions mutate calibrate notebooks clean

install: .venv/.installed

.venv/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[torch,keras,course,develop]"
	touch $@

demo: install
	$(BIN)/python -m tests.demo

test: install lint
	$(BIN)/python -m tests.suite

lint: install
	$(BIN)/ruff check .
	$(BIN)/mypy

test-all: test
	$(BIN)/python -m tests.suite --slow

bench: install
	$(BIN)/python -m tests.bench

bank: install
	$(BIN)/python -m tests.bank

numerics: install
	$(BIN)/python -m tests.bank.numerics

versions: install
	$(BIN)/python -m tests.versions

mutate: install
	$(BIN)/python -m tests.mutation

calibrate: install
	$(BIN)/python -m tests.calibration

notebooks: install
	for lesson in solutions/*; do $(BIN)/grader release $$(basename $$lesson) || exit 1; done

clean:
	rm -rf demo build dist .pytest_cache .mypy_cache .ruff_cache
