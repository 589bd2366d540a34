"""The bank of `a1_cnn`."""

from tests.bank.a1_cnn import epoch, evaluating, layer, net, variants

MUTANTS = (*layer.MUTANTS, *net.MUTANTS, *epoch.MUTANTS, *evaluating.MUTANTS)
VARIANTS = variants.VARIANTS
