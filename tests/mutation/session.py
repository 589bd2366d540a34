"""A session of cosmic-ray in a clone of the checkout, which it may mutate; it is kept, and goes on where it was."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.commands import init
from cosmic_ray.modules import find_modules
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkItem

from tests.mutation.evidence import ROOT
from tests.mutation.recording import entries
from tests.mutation.sampling import Mutant, pool, sample

MUTATED = ("grader/checks", "grader/run.py", "grader/judging.py")
SECONDS = 300  # wall time; a mutant that never ends is as good as killed


@dataclass(frozen=True)
class Session:
    """A folder with a clone, the evidence that its grader asked for, and cosmic-ray's results."""

    folder: Path

    @property
    def clone(self) -> Path:
        """What is mutated."""
        return self.folder / "clone"

    @property
    def evidence(self) -> Path:
        """Where the evidence lies."""
        return self.folder / "evidence"

    @property
    def about(self) -> dict[str, object]:
        """Commit, seed, size of the bank, how many mutants are listed, and of each module how many are left."""
        found: dict[str, object] = json.loads((self.folder / "sample.json").read_text(encoding="utf-8"))
        return found

    def results(self) -> contextlib.AbstractContextManager[WorkDB]:
        """Cosmic-ray's data base."""
        return use_db(str(self.folder / "session.sqlite"))

    def prepare(self, count: int, seed: int) -> None:
        """Clone the last commit, record its evidence, see that nothing is wrong without a mutant, draw the sample."""
        if not self.clone.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            _run("git", "clone", "--quiet", "--shared", str(ROOT), str(self.clone))
        _run("git", "checkout", "--quiet", "--", ".", cwd=self.clone)  # a run that was killed may have left a mutant
        if (self.folder / "sample.json").exists():
            return
        self._record()
        self._draw(count, seed)

    def _record(self) -> None:
        for step in ("recording", "baseline"):
            _run(sys.executable, "-m", f"tests.mutation.{step}", str(self.evidence), cwd=self.clone)

    def forget_survivors(self) -> None:
        """Take in newer tests and entries of the bank, to try again what survived; the judges must be the same."""
        commit = self.about["commit"]
        _run("git", "pull", "--quiet", "--ff-only", cwd=self.clone)
        _run("git", "diff", "--quiet", str(commit), "--", *MUTATED, cwd=self.clone)
        self._record()
        with self.results() as results:
            items, done = results.work_items, dict(results.results)
            results.clear()
            results.add_work_items(items)
            for job, result in done.items():
                if result.is_killed:
                    results.set_result(job, result)

    def _draw(self, count: int, seed: int) -> None:
        with self.results() as results, contextlib.chdir(self.clone):
            init(find_modules([Path(path) for path in MUTATED]), results, {})
            items = {item.job_id: item for item in results.work_items}
            mutants = [_mutant(item) for item in items.values()]
            worth = pool(mutants, self.clone, seed)
            results.clear()
            results.add_work_items(items[mutant.job] for mutant in sample(worth, count, seed))
        modules = Counter(mutant.module for mutant in worth)
        commit = _run("git", "rev-parse", "--short", "HEAD", cwd=self.clone).strip()
        about = {"commit": commit, "seed": seed, "bank": len(entries()), "listed": len(mutants), "worthwhile": modules}
        (self.folder / "sample.json").write_text(json.dumps(about), encoding="utf-8")

    def run(self) -> None:
        """Try what was not tried yet, one mutant after the other, and show each."""
        with self.results() as results, contextlib.chdir(self.clone):
            pending = results.pending_work_items
            started = time.monotonic()
            for number, item in enumerate(pending, 1):
                mutant = _mutant(item)
                arguments = f"{self.evidence} {mutant.module} {mutant.start[0]}"
                result = mutate_and_test(
                    item.mutations, f"{sys.executable} -m tests.mutation.killing {arguments}", SECONDS
                )
                results.set_result(item.job_id, result)
                left = (time.monotonic() - started) / number * (len(pending) - number)
                said = f"{mutant.module}:{mutant.start[0]} {mutant.operator} {result.test_outcome}"
                print(f"{number}/{len(pending)} {said}, {left:.0f} s left", flush=True)


def _mutant(item: WorkItem) -> Mutant:
    (found,) = item.mutations
    start, end = tuple(found.start_pos), tuple(found.end_pos)
    return Mutant(found.module_path.as_posix(), start, end, found.operator_name, found.occurrence, item.job_id)


def _run(*command: str, cwd: Path = ROOT) -> str:
    """The output of a command, which must succeed; what it shows as it goes appears at once."""
    if command[0] != "git":
        subprocess.run(command, cwd=cwd, check=True)
        return ""
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout
