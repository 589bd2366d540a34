"""`make mutate`: try a sample of the judges' mutants on the bank's evidence, and write what came of it to the docs."""

from __future__ import annotations

import argparse
from pathlib import Path

from cosmic_ray.work_db import WorkDB

from tests.mutation import survivors, table
from tests.mutation.evidence import ROOT, recorded
from tests.mutation.recording import entries
from tests.mutation.session import Session

FOLDER = ROOT / "build" / "mutation"


def main() -> None:
    """Run what is missing of the sample and write the document. Interrupted, it goes on where it was."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=500, help="how many mutants, about")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the session lies; remove it to begin anew")
    parser.add_argument("--again", action="store_true", help="take in newer tests, and try what survived again")
    parser.add_argument("--table", action="store_true", help="try nothing, write what is known")
    options = parser.parse_args()
    session = Session(options.folder.resolve())
    if not options.table:
        session.prepare(options.sample, options.seed)
        if options.again:
            session.forget_survivors()
        session.run()
    (ROOT / "docs" / "judges.md").write_text(document(session), encoding="utf-8")


def document(session: Session) -> str:
    """What `docs/judges.md` holds after a session."""
    with session.results() as results:
        found = outcomes(results)
    about = session.about
    worthwhile = about.pop("worthwhile")
    assert isinstance(worthwhile, dict)
    about["entries"] = sum(recorded(entry, session.evidence) for entry in entries())
    alive = [outcome.name for outcome in found if not outcome.killed]
    text = table.document(found, worthwhile, about, survivors.grouped(alive, survivors.groups()))
    return text + table.closed(survivors.closed())


def outcomes(results: WorkDB) -> list[table.Outcome]:
    """What came of the mutants that were tried."""
    found = []
    for item, result in results.completed_work_items:
        (mutation,) = item.mutations
        module = mutation.module_path.as_posix()
        name = survivors.name(module, mutation.definition_name or "", result.diff or "")
        found.append(table.Outcome(module, name, result.is_killed, result.output or ""))
    return found


if __name__ == "__main__":
    main()
