"""The bank of `a4_pretrained`."""

from __future__ import annotations

from tests.bank.a4_pretrained import classify, corners, feature_maps, layer_table, named, preprocess, variants

MUTANTS = (
    *preprocess.MUTANTS,
    *classify.MUTANTS,
    *feature_maps.MUTANTS,
    *layer_table.MUTANTS,
    *named.MUTANTS,
    *corners.MUTANTS,
)
VARIANTS = variants.VARIANTS
