"""The bank of `a4_pretrained`."""

from __future__ import annotations

from tests.bank.a4_pretrained import classify, feature_maps, layer_table, preprocess, variants

MUTANTS = (*preprocess.MUTANTS, *classify.MUTANTS, *feature_maps.MUTANTS, *layer_table.MUTANTS)
VARIANTS = variants.VARIANTS
