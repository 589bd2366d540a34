"""Two mistakes at once: never full marks, and the first complaint names one of the two."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.a2_resnet import blocks, further, further_nets, nets

_KNOWN = {entry.name: entry for entry in (*blocks.MUTANTS, *further.FURTHER, *nets.MUTANTS, *further_nets.FURTHER)}


def _pair(first: str, second: str, says: str) -> Entry:
    """The edits of two mutants of one question, in the frameworks in which both exist."""
    one, other = _KNOWN[first], _KNOWN[second]
    both = [
        one.edits(name) + other.edits(name) if one.edits(name) and other.edits(name) else ()
        for name in ("torch", "keras")
    ]
    return Entry(f"{first}_and_{second}", one.question, says, *both, requests=max(one.requests, other.requests))


PAIRS = (
    _pair("no_relu_after_addition", "no_first_norm", "the BatchNorm after conv1"),
    _pair("skip_missing", "stride_on_second", "the shortcut needs a 1x1 convolution of the block's input"),
    _pair("relu_before_addition", "projection_always", "project only where"),
    _pair("no_relu_between", "skip_subtracted", "convolution → BatchNorm → ReLU"),
    _pair("norm_without_parameters", "skip_missing", "the shortcut never reaches the output"),
    _pair("dropout_in_training", "no_relu_between", "dropout"),
    _pair("projection_for_stride_only", "relu_before_addition", "channels change although the stride is 1"),
    _pair("kernel_5x5", "skip_multiplied", "5x5"),
    _pair("python_list", "no_relu_after_addition", "does not list among its parameters"),
    _pair("statistics_never_move", "skip_subtracted", "the shortcut is subtracted"),
    _pair("frozen_convolution", "no_relu_between", "convolution → BatchNorm → ReLU"),
    _pair("stride_two_by_default", "skip_missing", "stride=1 by default"),
    _pair("gelu", "skip_detached", "GELU"),
    _pair("expansion_forgotten", "no_first_relu", "channels"),
    _pair("no_second_relu", "skip_subtracted_in_bottleneck", "before conv3: convolution → BatchNorm → ReLU"),
    _pair("stride_on_last", "skip_missing_in_bottleneck", "the shortcut needs a 1x1 convolution of the block's input"),
    _pair("softmax_at_the_end", "no_stem_relu", "softmax"),
    _pair("first_stage_strided", "global_max_pooling", "the first stage halves the map too"),
    _pair("a_block_too_many", "softmax_at_the_end", "a softmax"),
    _pair("no_stem_norm", "average_stem_pool", "BatchNorm"),
    _pair("classes_ignored", "no_stem_pool", "num_classes"),
    _pair("cifar_stem_without_relu", "blocks_by_nine", "2 of them"),
    _pair("cifar_softmax", "cifar_first_stage_strided", "a softmax"),
    _pair("plain_without_inner_relu", "plain_stride_on_second", "before conv2 of block 1 in stage 1"),
)  # fmt: skip
