"""Further mutants of the blocks: what students were seen to write, beside the mistakes that the oracle knows."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.a2_resnet.blocks import (
    K_CONV2,
    K_END,
    K_NORM,
    K_RELU,
    K_STRIDED,
    K_SUM,
    T_CONV2,
    T_END,
    T_FIRST,
    T_SECOND,
    T_STRIDED,
)

_SHORTCUT = "        self.shortcut = nn.Identity()"
_K_SHORTCUT = "        shortcut = layers.BatchNormalization()(shortcut)\n"
_K_LAST_NORM = f"    out = {K_NORM}(out)\n    out = layers.Add"
_K_OWN = (
    "class Fixed(layers.Layer):\n    def __init__(self):\n        super().__init__()\n        self.norm = layers.BatchNormalization()\n\n"
    "    def call(self, x, training=None):\n        return self.norm(x, training={0})\n\n\n"
)
_PREACTIVATION_T = "out = self.conv1(F.relu(self.bn1(x)))\n        out = self.conv2(F.relu(self.bn2(out)))\n        return out + self.shortcut(x)"

FURTHER = (
    Entry("skip_by_data", "basic_block", "no gradient passes through it", (("self.shortcut(x)", "self.shortcut(x.data)"),), (), "skip_detached"),
    Entry("shortcut_norm_from_main_path", "basic_block", "fed with the main path",
          ((T_END, "if isinstance(self.shortcut, nn.Identity):\n            return F.relu(out + x)\n        skip = self.shortcut[0](x)\n        skip = self.shortcut[1](out)\n        return F.relu(out + skip)"),), (), "shortcut_norm_from_main_path"),
    Entry("shortcut_norm_alone", "basic_block", "fed with the main path", (),
          ((K_END, f"    if shortcut is not x:\n        shortcut = layers.BatchNormalization()(out)\n{K_END}"), (_K_SHORTCUT, "")), "shortcut_norm_alone"),
    Entry("kernel_in_a_buffer", "basic_block", "no gradient reaches conv2", ((_SHORTCUT, f"        kernel = self.conv2.weight.data\n        del self.conv2.weight\n        self.conv2.register_buffer('weight', kernel)\n{_SHORTCUT}"),)),
    Entry("shortcut_kept_from_call_to_call", "basic_block", "get results that are not theirs", ((T_END, "kept = self.__dict__.setdefault('kept', {})\n        skip = self.shortcut(x)\n        return F.relu(out + (skip if self.training else kept.setdefault(x.shape, skip)))"),)),
    Entry("skip_without_grad", "basic_block", "no gradient", ((T_END, "with torch.no_grad():\n            skip = self.shortcut(x)\n        return F.relu(out + skip)"),)),
    Entry("main_path_through_numpy", "basic_block", "its values left the framework", ((T_END, "out = torch.from_numpy(out.detach().numpy())\n        return F.relu(out + self.shortcut(x))"),)),
    Entry("first_norm_never_called", "basic_block", "first convolution of the block has no BatchNorm", ((T_FIRST, "out = F.relu(self.conv1(x))"),), (), "no_first_norm"),
    Entry("norm_on_identity_shortcut", "basic_block", "BatchNorm", ((_SHORTCUT, "        self.shortcut = nn.BatchNorm2d(in_channels)"),),
          (("    shortcut = x\n", "    shortcut = layers.BatchNormalization()(x)\n"), ("if stride != 1", "if stride != 1"))),
    Entry("preactivation", "basic_block", "stand before each convolution",
          ((T_FIRST + "\n        " + T_SECOND + "\n        " + T_END, _PREACTIVATION_T), ("self.bn1 = nn.BatchNorm2d(channels)", "self.bn1 = nn.BatchNorm2d(in_channels)")),
          ((f"    out = {K_STRIDED}(x)\n    out = {K_NORM}(out)\n{K_RELU}", f"    out = layers.ReLU()({K_NORM}(x))\n    out = {K_STRIDED}(out)\n"),
           (f"    out = {K_CONV2}(out)\n    out = {K_NORM}(out)\n", f"    out = layers.ReLU()({K_NORM}(out))\n    out = {K_CONV2}(out)\n"), (K_END, f"    return {K_SUM}")), "preactivation"),
    Entry("no_super_init", "basic_block", "call `super().__init__()` first", (("        super().__init__()\n", ""),)),
    Entry("init_misspelt", "basic_block", "is it spelt `__init__`", (("def __init__(self,", "def _init_(self,"),)),
    Entry("dict_returned", "basic_block", "the tensor alone", ((T_END, f"{T_END.replace('return ', 'return dict(out=')})"),), ((K_END, K_END.replace("return layers.ReLU()(out)", 'return {"out": layers.ReLU()(out)}')),)),
    Entry("nothing_returned", "basic_block", "NoneType", ((T_END, T_END.replace("return ", "out = ")),), ((K_END, K_END.replace("return ", "out = ")),)),
    Entry("stride_two_by_default", "basic_block", "stride=1 by default", (("channels, stride=1):", "channels, stride=2):"),), (("channels, stride=1):", "channels, stride=2):"),)),
    Entry("no_default_stride", "basic_block", "the defaults that the stub has", (("channels, stride=1):", "channels, stride):"),), (("channels, stride=1):", "channels, stride):"),)),
    Entry("stride_renamed", "basic_block", "keep the parameter names", (("stride", "step"), ("step=step,", "stride=step,")), (("stride=1):", "step=1):\n    stride = step"),)),
    Entry("ready_made_block", "basic_block", "ready-made",
          (("class BasicBlock(nn.Module):", "import torchvision.models.resnet\n\n\nclass BasicBlock(torchvision.models.resnet.BasicBlock):"), ("super().__init__()", "super().__init__(in_channels, in_channels)"))),
    Entry("statistics_never_move", "basic_block", "running mean", (("nn.BatchNorm2d(channels)", "nn.BatchNorm2d(channels, momentum=0.0)"),), ((K_NORM, "layers.BatchNormalization(momentum=1.0)"),)),
    Entry("norm_without_parameters", "basic_block", "learnable scale", (("nn.BatchNorm2d(channels)", "nn.BatchNorm2d(channels, affine=False)"),), ((K_NORM, "layers.BatchNormalization(scale=False, center=False)"),)),
    Entry("norm_without_shift", "basic_block", "learnable shift", (), ((f"    out = {K_NORM}(out)\n{K_RELU}", f"    out = layers.BatchNormalization(center=False)(out)\n{K_RELU}"),)),
    Entry("frozen_convolution", "basic_block", "no gradient reaches conv1", ((_SHORTCUT, f"        self.conv1.weight.requires_grad = False\n{_SHORTCUT}"),), ((K_STRIDED, K_STRIDED.replace("use_bias=False", "use_bias=False, trainable=False")),)),
    Entry("frozen_norm", "basic_block", "BatchNorm", ((_SHORTCUT, f"        self.bn1.requires_grad_(False)\n{_SHORTCUT}"),), ((K_NORM, "layers.BatchNormalization(trainable=False)"),)),
    Entry("skip_halved", "basic_block", "the shortcut is halved", ((T_END, "return F.relu(out + 0.5 * self.shortcut(x))"),), ((K_END, "    return layers.ReLU()(layers.Add()([out, 0.5 * shortcut]))"),), "skip_halved"),
    Entry("main_path_scaled", "basic_block", "a multiplication with 0.1", ((T_END, "return F.relu(0.1 * out + self.shortcut(x))"),), ((K_END, "    return layers.ReLU()(layers.Add()([0.1 * out, shortcut]))"),)),
    Entry("paths_averaged", "basic_block", "their average", ((T_END, "return F.relu((out + self.shortcut(x)) / 2)"),), ((K_END, "    return layers.ReLU()(layers.Average()([out, shortcut]))"),), "paths_averaged"),
    Entry("maximum_of_paths", "basic_block", "addition", ((T_END, "return F.relu(torch.maximum(out, self.shortcut(x)))"),), ((K_END, "    return layers.ReLU()(layers.Maximum()([out, shortcut]))"),)),
    Entry("skip_added_twice", "basic_block", "added twice", ((T_END, "skip = self.shortcut(x)\n        return F.relu(out + skip + skip)"),), ((K_END, "    return layers.ReLU()(layers.Add()([out, shortcut, shortcut]))"),), "skip_added_twice"),
    Entry("relu_in_projection", "basic_block", "a ReLU follows in the shortcut",
          (("                nn.BatchNorm2d(channels),\n", "                nn.BatchNorm2d(channels),\n                nn.ReLU(),\n"),), ((_K_SHORTCUT, f"{_K_SHORTCUT}        shortcut = layers.ReLU()(shortcut)\n"),), "relu_in_projection"),
    Entry("projection_3x3", "basic_block", "projection", (("nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)", "nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False)"),),
          (("layers.Conv2D(channels, 1, strides=stride, use_bias=False)", K_STRIDED),)),
    Entry("projection_behind_a_pool", "basic_block", "projection",
          (("nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)", "nn.AvgPool2d(stride, stride, ceil_mode=True),\n                nn.Conv2d(in_channels, channels, 1, bias=False)"),),
          (("layers.Conv2D(channels, 1, strides=stride, use_bias=False)(x)", 'layers.Conv2D(channels, 1, use_bias=False)(layers.AveragePooling2D(stride, padding="same")(x))'),)),
    Entry("dilated", "basic_block", "dilat", ((T_CONV2, "nn.Conv2d(channels, channels, 3, padding=2, dilation=2, bias=False)"),), ((K_CONV2, K_CONV2.replace("use_bias", "dilation_rate=2, use_bias")),)),
    Entry("depthwise", "basic_block", "3x3 convolution from", ((T_CONV2, "nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)"),), ((K_CONV2, 'layers.DepthwiseConv2D(3, padding="same", use_bias=False)'),)),
    Entry("reflected_padding", "basic_block", "zeros", ((T_CONV2, 'nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect", bias=False)'),),
          ((f"{K_CONV2}(out)", 'layers.Conv2D(channels, 3, use_bias=False)(keras.ops.pad(out, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect"))'),)),
    Entry("noise_in_training", "basic_block", "random noise", ((T_SECOND, f"{T_SECOND}\n        out = out + 0.1 * torch.randn_like(out) if self.training else out"),), ((f"out = {K_SUM}", "out = layers.Add()([layers.GaussianNoise(0.1)(out), shortcut])"),)),
    Entry("statistics_not_saved", "basic_block", "a second model",
          ((_SHORTCUT, '        for norm in (self.bn1, self.bn2):\n            for name in ("running_mean", "running_var"):\n                norm._non_persistent_buffers_set.add(name)\n' + _SHORTCUT),)),
    Entry("layer_outside_the_class", "basic_block", "two models share",
          (("class BasicBlock(nn.Module):", "kept = {}\n\n\nclass BasicBlock(nn.Module):"), (f"self.conv2 = {T_CONV2}", f"self.conv2 = kept.setdefault((in_channels, channels, stride), {T_CONV2})")),
          (("def basic_block(x,", "kept = {}\n\n\ndef basic_block(x,"), (f"    out = {K_CONV2}(out)", f"    out = kept.setdefault((x.shape, channels, stride), {K_CONV2})(out)"))),
    Entry("input_emptied_in_evaluation", "basic_block", "its values change during the forward pass", ((T_END, f"out = {T_END.removeprefix('return ')}\n        if not self.training:\n            x.zero_()\n        return out"),)),
    Entry("mode_fixed_in_a_layer", "basic_block", "statistics of the current batch", (), ((K_NORM, "Fixed()"), ("# QUESTION basic_block\n", f"# QUESTION basic_block\n{_K_OWN.format(True)}")), "batch_statistics_in_evaluation"),
    Entry("evaluation_fixed_in_a_layer", "basic_block", "in training mode", (), ((K_NORM, "Fixed()"), ("# QUESTION basic_block\n", f"# QUESTION basic_block\n{_K_OWN.format(False)}"))),
    Entry("third_convolution", "basic_block", "no further layer", ((T_SECOND, f"{T_SECOND}\n        out = self.bn3(self.conv3(F.relu(out)))"), (_SHORTCUT, f"        self.conv3 = {T_CONV2}\n        self.bn3 = nn.BatchNorm2d(channels)\n{_SHORTCUT}")),
          ((K_END, f"    out = {K_NORM}({K_CONV2}(layers.ReLU()(out)))\n{K_END}"),)),
    Entry("one_convolution", "basic_block", "conv2", ((T_SECOND, "pass"), (f"        self.conv2 = {T_CONV2}\n", ""), ("        self.bn2 = nn.BatchNorm2d(channels)\n", ""), (T_FIRST, "out = self.bn1(self.conv1(x))")),
          ((f"{K_RELU}    out = {K_CONV2}(out)\n    out = {K_NORM}(out)\n", ""),)),
    Entry("projection_never_added", "basic_block", "have no shortcut", ((T_END, "return F.relu(out + x) if x.shape == out.shape else F.relu(out)"),), (), "shortcut_only_where_it_fits"),
    Entry("squeezed_channels", "bottleneck", "channels", (("nn.Conv2d(in_channels, channels, 1,", "nn.Conv2d(in_channels, channels // 2, 1,"), ("self.bn1 = nn.BatchNorm2d(channels)", "self.bn1 = nn.BatchNorm2d(channels // 2)"), ("nn.Conv2d(channels, channels, 3", "nn.Conv2d(channels // 2, channels, 3")),
          (("layers.Conv2D(channels, 1,", "layers.Conv2D(channels // 2, 1,"),)),
    Entry("norm_between_missing_in_bottleneck", "bottleneck", "BatchNorm after conv2", (("out = F.relu(self.bn2(self.conv2(out)))", "out = F.relu(self.conv2(out))"), ("        self.bn2 = nn.BatchNorm2d(channels)\n", "")),
          ((f"    out = {K_CONV2}(out)\n    out = {K_NORM}(out)\n", f"    out = {K_CONV2}(out)\n"),)),
    Entry("stride_ignored_in_bottleneck", "bottleneck", "stride 1", (("stride=stride", "stride=1"),), (("strides=stride", "strides=1"),)),
    Entry("basic_stride_ignored", "basic_block", "stride 1", (("stride=stride", "stride=1"),), (("strides=stride", "strides=1"),)),
    Entry("first_convolution_unpadded", "basic_block", "same shape", ((T_STRIDED, T_STRIDED.replace("padding=1, ", "")), (T_CONV2, T_CONV2.replace("padding=1", "padding=2"))),
          ((K_STRIDED, K_STRIDED.replace('padding="same", ', "")), (f"{K_CONV2}(out)", "layers.Conv2D(channels, 3, use_bias=False)(layers.ZeroPadding2D(2)(out))"))),
)  # fmt: skip
