"""The bank of `a3_training`."""

from tests.bank.a3_training import recipe, schedule

MUTANTS = (*recipe.MUTANTS, *schedule.MUTANTS)
VARIANTS = ()
