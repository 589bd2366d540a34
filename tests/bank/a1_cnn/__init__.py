"""The bank of `a1_cnn`."""

from tests.bank.a1_cnn import corners, epoch, evaluating, forms, layer, net, variants

MUTANTS = (*layer.MUTANTS, *net.MUTANTS, *epoch.MUTANTS, *evaluating.MUTANTS, *corners.MUTANTS)
VARIANTS = (*variants.VARIANTS, *forms.VARIANTS)
