"""Judges of `choose_strategy`: the course's table of how much there is and how similar it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from grader.failure import MalformedError
from grader.result import Complaint
from grader.spec import Evidence, Request

LITTLE = 50  # images per class: fewer are little
TABLE = {
    (True, True): "linear_head",
    (True, False): "linear_on_stages",
    (False, True): "fine_tune_few",
    (False, False): "fine_tune_many",
}  # (little, similar) -> strategy

Cell = tuple[int, bool]


def answers(request: Request, evidence: Evidence) -> dict[Cell, str]:
    """The answer to each question; raises MalformedError."""
    try:
        found = json.loads(bytes(evidence["answers"]).decode())
        answered: dict[Cell, str] = {}
        for (count, similar), answer in zip(request["questions"], found, strict=True):
            cell = int(count), bool(similar)
            if answered.get(cell, right(*cell)) == right(*cell):  # of two answers the wrong one counts
                answered[cell] = str(answer)
        return answered
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise MalformedError("no list of answers") from error


def right(count: int, similar: bool) -> str:
    """The strategy of the table."""
    return TABLE[count < LITTLE, similar]


# Other tables that students write, by name, in words and with what to do about it
_GUESSES: dict[str, tuple[Callable[[int, bool], str], str]] = {
    "fifty_is_little": (
        lambda count, similar: TABLE[count <= LITTLE, similar],
        "fewer than 50 images per class is little: 50 are not fewer than 50",
    ),
    "similar_swapped": (
        lambda count, similar: TABLE[count < LITTLE, not similar],
        "similar and different are swapped: features of late stages help a task like the old one",
    ),
    "amount_swapped": (
        lambda count, similar: TABLE[count >= LITTLE, similar],
        "little and much are swapped: with few images a head alone is trained, with many the net can be fine-tuned",
    ),
    "linear_swapped": (
        lambda count, similar: TABLE[count < LITTLE, similar != (count < LITTLE)],
        "in the row of little data similar and different are swapped: late features help a task like the old one alone",
    ),
    "few_and_many_swapped": (
        lambda count, similar: TABLE[count < LITTLE, similar != (count >= LITTLE)],
        "few and many stages are swapped: the less alike the tasks, the more stages have to learn",
    ),
}


def _table(cells: Iterable[Cell], found: dict[Cell, str]) -> Complaint | None:
    wrong = [cell for cell in cells if found[cell] != right(*cell)]
    if not wrong:
        return None
    count, similar = wrong[0]
    expected = f'"{right(count, similar)}" for {count} images per class and similar={similar}'
    for name, (guess, words) in _GUESSES.items():
        if all(answer == guess(*cell) for cell, answer in found.items()):
            return Complaint(expected, f'"{found[wrong[0]]}"', words, name)
    known = found[wrong[0]] in TABLE.values()
    advice = "read the row for how much there is, then the column for how similar it is"
    spelling = f"one of the four texts of the table, letter by letter: {', '.join(sorted(TABLE.values()))}"
    return Complaint(expected, f'"{found[wrong[0]]}"', advice if known else spelling)


def little(request: Request, evidence: Evidence) -> Complaint | None:
    """With little data only linear classifiers are trained: on the last features when the tasks are similar."""
    found = answers(request, evidence)
    return _table([cell for cell in found if cell[0] < LITTLE - 1], found)


def much(request: Request, evidence: Evidence) -> Complaint | None:
    """With much data stages are fine-tuned: few when the tasks are similar, many when they are different."""
    found = answers(request, evidence)
    return _table([cell for cell in found if cell[0] > LITTLE + 1], found)


def border(request: Request, evidence: Evidence) -> Complaint | None:
    """Fewer than 50 images per class is little, 50 and more is much."""
    found = answers(request, evidence)
    return _table([cell for cell in found if abs(cell[0] - LITTLE) <= 1], found)
