"""The command `grader`: check a submission, list the assignments, release an assignment."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from grader import rounds, run, specs
from grader.frontends import finding, release, text, writing
from grader.spec import FRAMEWORKS, Assignment
from grader.submission import SubmissionError, read

USAGE, PERSON_NEEDED, INTERRUPTED = 2, 3, 130


class UsageError(Exception):
    """The command can't be carried out as it was typed: the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 passed, 1 failed, 2 usage, 3 a person is needed."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without our signs still gets the words
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except (UsageError, SubmissionError, specs.UnknownNameError, rounds.SecretError) as error:
        return _complain(str(error.args[0]), USAGE)
    except KeyboardInterrupt:
        return _complain("interrupted; nothing was written", INTERRUPTED)
    except BrokenPipeError:  # whoever reads our output, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # a fault of ours is told in one line, and never looks like a grade
        return _complain(
            f"the grader itself failed ({type(error).__name__}: {error}): a person must look", PERSON_NEEDED
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="grader", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="grade one notebook or script and show the report")
    check.add_argument("submission", type=Path, metavar="SUBMISSION", help="an .ipynb or a .py file")
    check.add_argument("--assignment", metavar="ID", help="the default is the one that the file is named after")
    check.add_argument("--framework", choices=FRAMEWORKS, help="the default is what the submission says or imports")
    check.add_argument("--question", action="append", metavar="NAME", help="only this one; can be repeated")
    check.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON too")
    check.add_argument("--round", metavar="NAME", help="a round of its own instead of the public one; needs --secret")
    check.add_argument("--secret", type=Path, metavar="FILE", help="the secret that the round's inputs are drawn with")
    check.set_defaults(run=_check)
    listing = commands.add_parser("list", help="list assignments, questions and points")
    listing.set_defaults(run=_list)
    release.add_parser(commands)
    return parser


def _check(options: argparse.Namespace) -> int:
    assignment = finding.assignment_of(options.submission, options.assignment)
    questions = [_question(assignment, name) for name in options.question] if options.question else None
    seed = _seed(options, assignment)
    if options.json is not None and not options.json.absolute().parent.is_dir():
        raise UsageError(f"the report can't be written to {options.json}: there is no folder of that name")
    submission = read(options.submission, options.framework)
    round_name = options.round or rounds.PUBLIC
    progress = writing.Progress(sys.stderr)
    try:
        report = run.grade(
            submission, assignment, seed, round_name=round_name, questions=questions, progress=progress.show
        )
    finally:
        progress.clear()
    if options.json is not None:
        writing.replace(options.json, report.to_json() + "\n")
    print(text.render(report, assignment, colour=sys.stdout.isatty()))
    return report.exit_code


def _question(assignment: Assignment, name: str) -> str:
    """The name of a question of this assignment, from its name or its function's."""
    for question in assignment.questions:
        if name == question.name or name in question.functions.values():
            return question.name
    known = ", ".join(question.name for question in assignment.questions)
    raise UsageError(f"{assignment.name} has no question {name!r}; there are: {known}")


def _seed(options: argparse.Namespace, assignment: Assignment) -> bytes:
    if (options.round is None) != (options.secret is None):
        raise UsageError("--round and --secret belong together: a round's inputs are drawn with the secret")
    if options.secret is None:
        return rounds.seed(assignment.name)
    if options.round == rounds.PUBLIC:
        raise UsageError(f"the round {rounds.PUBLIC!r} has no secret: leave --secret out, or name another round")
    return rounds.seed(assignment.name, options.round, rounds.secret(options.secret))


def _list(options: argparse.Namespace) -> int:
    for assignment in specs.assignments():
        print(f"{assignment.name}  {assignment.title} ({assignment.points:g} points)")
        for question in assignment.questions:
            functions = ", ".join(f"{function} in {framework}" for framework, function in question.functions.items())
            print(f"  {question.name:<16} {question.points:4g}  {functions}")
    return 0


def _complain(message: str, code: int) -> int:
    print(f"grader: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
