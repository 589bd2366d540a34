"""Honest variants: other styles and legal choices, which must all reach full marks."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.a2_resnet.blocks import K_CONV2, K_END, K_NORM, K_STRIDED, T_3X3, T_CONV2, T_END, T_FIRST, T_STRIDED
from tests.bank.a2_resnet.nets import option_a

_OWN_NORM = (
    "class OwnNorm(nn.Module):\n"
    "    def __init__(self, width):\n"
    "        super().__init__()\n"
    "        self.shift, self.scale = nn.Parameter(torch.zeros(width)), nn.Parameter(torch.ones(width))\n"
    '        self.register_buffer("variance", torch.ones(width))\n'
    '        self.register_buffer("mean", torch.zeros(width))\n\n'
    "    def forward(self, x):\n"
    "        mean, variance = self.mean, self.variance\n"
    "        if self.training:\n"
    "            mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)\n"
    "            with torch.no_grad():\n"
    "                self.mean.lerp_(mean, 0.3)\n"
    "                self.variance.lerp_(variance, 0.3)\n"
    "        factor = self.scale / torch.sqrt(variance + 1e-4)\n"
    "        return x * factor[:, None, None] + (self.shift - mean * factor)[:, None, None]\n\n\n"
)
_HEAD = (
    "        nn.AdaptiveAvgPool2d(1),\n        nn.Flatten(),\n        nn.Linear(512 * block.expansion, num_classes),\n"
)

VARIANTS = (
    Entry("stride_on_3x3", "bottleneck",
          torch=(("nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)", "nn.Conv2d(in_channels, channels, 1, bias=False)"), (T_3X3, "nn.Conv2d(channels, channels, 3, stride, 1, bias=False)")),
          keras=(("layers.Conv2D(channels, 1, strides=stride,", "layers.Conv2D(channels, 1,"), (K_CONV2, K_STRIDED))),
    Entry("biases_under_norm", "basic_block", torch=((", bias=False", ""),), keras=((", use_bias=False", ""),)),
    Entry("projection_without_norm", "basic_block", torch=(("                nn.BatchNorm2d(channels),\n", ""),), keras=(("        shortcut = layers.BatchNormalization()(shortcut)\n", ""),)),
    Entry("projection_with_bias_alone", "bottleneck", torch=(("out_channels, 1, stride=stride, bias=False", "out_channels, 1, stride=stride"), ("                nn.BatchNorm2d(out_channels),\n", "")),
          keras=(("4 * channels, 1, strides=stride, use_bias=False", "4 * channels, 1, strides=stride"), ("        shortcut = layers.BatchNormalization()(shortcut)\n", ""))),
    Entry("added_in_place", "basic_block", torch=((T_END, "out += self.shortcut(x)\n        return out.relu_()"),), keras=((K_END, "    return keras.ops.relu(keras.ops.add(shortcut, out))"),)),
    Entry("sum_and_clamp", "basic_block", torch=((T_END, "return sum([out, self.shortcut(x)]).clamp(min=0)"),), keras=((K_END, "    return keras.ops.maximum(shortcut + out, 0.0)"),)),
    Entry("maximum", "bottleneck", torch=((T_END, "out = torch.add(self.shortcut(x), out)\n        return torch.maximum(out, torch.zeros_like(out))"),), keras=((K_END, '    return layers.Activation("relu")(layers.add([shortcut, out]))'),)),
    Entry("in_place_relu_inside", "basic_block", torch=((T_FIRST, "out = F.relu_(self.bn1(self.conv1(x)))"),), keras=(("layers.ReLU()", "keras.activations.relu"),)),
    Entry("lazy_layers", "basic_block", torch=((T_STRIDED, "nn.LazyConv2d(channels, 3, stride, 1, bias=False)"), ("self.bn1 = nn.BatchNorm2d(channels)", "self.bn1 = nn.LazyBatchNorm2d()")),
          keras=((K_END, "    return layers.Lambda(lambda pair: keras.ops.relu(pair[0] + pair[1]))([out, shortcut])"),)),
    Entry("zero_gamma", "basic_block", torch=(("        self.shortcut = nn.Identity()", "        nn.init.zeros_(self.bn2.weight)\n        self.shortcut = nn.Identity()"),),
          keras=((f"out = {K_NORM}(out)\n    out = layers.Add", 'out = layers.BatchNormalization(gamma_initializer="zeros")(out)\n    out = layers.Add'),)),
    Entry("epsilon_and_momentum", "basic_block", torch=(("nn.BatchNorm2d(channels)", "nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)"),), keras=((K_NORM, "layers.BatchNormalization(epsilon=1e-5, momentum=0.9)"),)),
    Entry("cumulative_momentum", "basic_block", torch=(("nn.BatchNorm2d(channels)", "nn.BatchNorm2d(channels, momentum=None)"),), keras=((K_NORM, "layers.BatchNormalization(momentum=0.0)"),)),
    Entry("own_norm", "basic_block", torch=(("# QUESTION basic_block\n", f"# QUESTION basic_block\n{_OWN_NORM}"), ("nn.BatchNorm2d(channels)", "OwnNorm(channels)")),
          keras=((K_STRIDED, 'layers.Conv2D(channels, (3, 3), (stride, stride), "valid", use_bias=False)'), ("use_bias=False)(x)\n    out", "use_bias=False)(layers.ZeroPadding2D(1)(x))\n    out"))),
    Entry("functional_convolution", "basic_block", torch=(("self.conv2(out)", "F.conv2d(out, self.conv2.weight, padding=1)"),), keras=((f"{K_CONV2}(out)", f"keras.Sequential([{K_CONV2}])(out)"),)),
    Entry("same_padding_by_name", "basic_block", torch=((T_CONV2, 'nn.Conv2d(channels, channels, 3, padding="same", bias=False)'),)),
    Entry("shortcut_first", "basic_block", torch=((T_FIRST, f"skip = self.shortcut(x)\n        {T_FIRST}"), (T_END, "return F.relu(skip + out)"))),
    Entry("names_in_other_languages", "basic_block", torch=(("out", "результат"), ("self.shortcut", "self.近道"), ("self.conv", "self.faltung")), keras=(("out", "результат"), ("shortcut", "近道"))),
    Entry("extra_parameter", "basic_block", torch=(("in_channels, channels, stride=1):", "in_channels, channels, stride=1, groups=1):"),), keras=(("channels, stride=1):", "channels, stride=1, name=None):"),)),
    Entry("class_with_metaclass_call", "bottleneck", torch=(("class Bottleneck(nn.Module):", "class Bottleneck(nn.Module):\n    hidden: int = 0\n"),)),
    Entry("dense_as_1x1_convolution", "resnet", torch=((_HEAD, "        nn.AdaptiveAvgPool2d(1),\n        nn.Conv2d(512 * block.expansion, num_classes, 1),\n        nn.Flatten(),\n"),),
          keras=(("    return keras.Model(image, layers.Dense(num_classes)(x))", "    x = layers.Conv2D(num_classes, 1)(layers.Reshape((1, 1, -1))(x))\n    return keras.Model(image, layers.Flatten()(x))"),)),
    Entry("mean_over_axes", "resnet", torch=((_HEAD, "        type('Mean', (nn.Module,), {'forward': lambda self, x: x.mean(dim=(2, 3))})(),\n        nn.Linear(512 * block.expansion, num_classes),\n"),),
          keras=(("layers.GlobalAveragePooling2D()(x)", "keras.ops.mean(x, axis=(1, 2))"),)),
    Entry("padded_pool", "resnet", torch=(("nn.MaxPool2d(3, stride=2, padding=1)", "nn.ZeroPad2d(1),\n        nn.MaxPool2d(3, stride=2)"),),
          keras=(('layers.MaxPooling2D(3, strides=2, padding="same")(x)', "layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))"),)),
    Entry("deferred_model", "cifar_resnet", keras=(("    return cifar_net(basic_block, depth, num_classes, input_shape)", "    inner = cifar_net(basic_block, depth, num_classes, input_shape)\n    return keras.Sequential([inner])"),),
          torch=(("    return cifar_net(BasicBlock, depth, num_classes)", "    net = cifar_net(BasicBlock, depth, num_classes)\n    return nn.Sequential(*[layer for layer in net])"),)),
    option_a("option_a_after", "x[:, :, ::2, ::2]", "x[:, ::2, ::2]"),
    option_a("option_a_before", "F.max_pool2d(x, 1, 2)", "layers.MaxPooling2D(1, 2)(x)", "before"),
    option_a("option_a_on_both_sides", "F.avg_pool2d(x, 1, 2)", "x[:, ::2, ::2, :]", "both"),
    Entry("convolutions_with_bias", "cifar_plain", torch=((", bias=False", ""),), keras=((", use_bias=False", ""),)),
)  # fmt: skip
