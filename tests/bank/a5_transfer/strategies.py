"""Mutants of `choose_strategy`, the same in both frameworks."""

from __future__ import annotations

from tests.bank import Entry

LITTLE = "if images_per_class < 50:"
FIRST = '"linear_head" if similar else "linear_on_stages"'
SECOND = '"fine_tune_few" if similar else "fine_tune_many"'


def _mutant(name: str, says: str, old: str, new: str, mistake: str = "") -> Entry:
    return Entry(f"choose_strategy_{name}", "choose_strategy", says, ((old, new),), ((old, new),), mistake)


MUTANTS = (
    _mutant("fifty_is_little", "50 are not fewer", LITTLE, "if images_per_class <= 50:", "fifty_is_little"),
    _mutant("amount_swapped", "little and much are swapped", LITTLE, "if images_per_class >= 50:", "amount_swapped"),
    _mutant(
        "similar_swapped",
        "similar and different are swapped",
        LITTLE,
        f"similar = not similar\n    {LITTLE}",
        "similar_swapped",
    ),
    _mutant(
        "linear_swapped",
        "in the row of little data",
        FIRST,
        FIRST.replace("if similar", "if not similar"),
        "linear_swapped",
    ),
    _mutant(
        "many_swapped",
        "few and many stages",
        SECOND,
        SECOND.replace("if similar", "if not similar"),
        "few_and_many_swapped",
    ),
    _mutant("other_border", "read the row", LITTLE, "if images_per_class < 500:"),
    _mutant("misspelt", "letter by letter", FIRST, FIRST.replace("linear_head", "linear head")),
    _mutant("nothing_returned", "NoneType None", f"return {SECOND}", "pass"),
    _mutant("number_returned", "letter by letter", f"return {SECOND}", "return 3"),
)
