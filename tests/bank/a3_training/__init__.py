"""The bank of `a3_training`."""

from tests.bank.a3_training import corners, degradation, fit, named, recipe, schedule, variants

MUTANTS = (
    *recipe.MUTANTS,
    *schedule.MUTANTS,
    *fit.MUTANTS,
    *degradation.MUTANTS,
    *named.MUTANTS,
    *corners.MUTANTS,
)
VARIANTS = variants.VARIANTS
