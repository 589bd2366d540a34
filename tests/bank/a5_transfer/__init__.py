"""The bank of `a5_transfer`."""

from __future__ import annotations

from tests.bank.a5_transfer import corners, fine_tuner, heads, pipelines, rates, strategies, variants

MUTANTS = (
    *heads.MUTANTS,
    *fine_tuner.MUTANTS,
    *rates.MUTANTS,
    *strategies.MUTANTS,
    *pipelines.MUTANTS,
    *corners.MUTANTS,
)
VARIANTS = variants.VARIANTS
