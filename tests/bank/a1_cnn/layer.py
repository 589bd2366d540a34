"""Mutants of `conv_bn_relu`."""

from __future__ import annotations

from tests.bank import Entry

Q = "conv_bn_relu"
T_CONV = "nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)"
T_NORM, T_END = "nn.BatchNorm2d(out_channels)", "return F.relu(self.bn(self.conv(x)))"
K_CONV = 'layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)'
K_NORM, K_END = "    x = layers.BatchNormalization()(x)\n", "return layers.ReLU()(x)"
OWN_NORM = (
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
K_OWN_NORM = (
    "class OwnNorm(layers.Layer):\n"
    "    def build(self, shape):\n"
    "        width = (shape[-1],)\n"
    "        self.scale = self.add_weight(shape=width, initializer='ones')\n"
    "        self.shift = self.add_weight(shape=width, initializer='zeros')\n"
    "        self.mean = self.add_weight(shape=width, initializer='zeros', trainable=False)\n"
    "        self.variance = self.add_weight(shape=width, initializer='ones', trainable=False)\n\n"
    "    def call(self, x, training=None):\n"
    "        if training:\n"
    "            mean, variance = keras.ops.moments(x, axes=(0, 1, 2))\n"
    "            self.mean.assign(0.7 * self.mean + 0.3 * mean)\n"
    "            self.variance.assign(0.7 * self.variance + 0.3 * variance)\n"
    "        else:\n"
    "            mean, variance = self.mean, self.variance\n"
    "        return (x - mean) / keras.ops.sqrt(variance + 1e-4) * self.scale + self.shift\n\n\n"
)


def own_norm(
    torch: tuple[str, str] = ("", ""), keras: tuple[str, str] = ("", "")
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Edits that put a BatchNorm of one's own in the place of the framework's, changed by (old, new)."""
    head = f"# QUESTION {Q}\n"
    return {
        "torch": ((head, head + OWN_NORM.replace(*torch)), (T_NORM, "OwnNorm(out_channels)")),
        "keras": ((head, head + K_OWN_NORM.replace(*keras)), ("layers.BatchNormalization()", "OwnNorm()")),
    }


def _activations() -> list[Entry]:
    found = []
    for name, torch, keras in (
        ("gelu", "F.gelu", 'layers.Activation("gelu")'), ("silu", "F.silu", 'layers.Activation("silu")'),
        ("elu", "F.elu", 'layers.Activation("elu")'), ("leaky_relu_0.1", "", "layers.LeakyReLU(negative_slope=0.1)"),
        ("tanh", "torch.tanh", 'layers.Activation("tanh")'), ("sigmoid", "torch.sigmoid", 'layers.Activation("sigmoid")'),
    ):  # fmt: skip
        edits = (("F.relu", torch),) if torch else ((T_END, "return F.leaky_relu(self.bn(self.conv(x)), 0.1)"),)
        found.append(Entry(f"layer_{name}", Q, "in its place", edits, (("layers.ReLU()", keras),), name))
    return found


MUTANTS = (
    *_activations(),
    Entry("layer_shortcut_where_it_fits", Q, "addition", ((T_END, "out = self.bn(self.conv(x))\n        return F.relu(out + x if out.shape == x.shape else out)"),),
          (("    x = layers.Conv2D(", "    given = x\n    x = layers.Conv2D("), (K_END, "return layers.ReLU()(x + given if x.shape == given.shape else x)"))),
    Entry("layer_depthwise_where_it_fits", Q, "3x3 convolution", ((T_CONV, T_CONV.replace("bias=False", "bias=False, groups=in_channels if in_channels == out_channels else 1")),),
          ((K_CONV, K_CONV.replace("use_bias=False", "use_bias=False, groups=channels if x.shape[-1] == channels else 1")),)),
    Entry("layer_border_by_the_height", Q, "1 pixel of zeros on every side", (), (("    x = layers.Conv2D(channels, 3, strides=stride, padding=\"same\"", "    before = 1 if stride == 1 else x.shape[1] % 2\n    x = layers.ZeroPadding2D(((before, 1), (before, 1)))(x)\n    x = layers.Conv2D(channels, 3, strides=stride"),)),
    Entry("layer_relu6", Q, "cut off at 6", (("F.relu", "F.relu6"),), (("layers.ReLU()", "layers.ReLU(6.0)"),)),
    Entry("layer_no_relu", Q, "negative numbers too", ((T_END, "return self.bn(self.conv(x))"),), ((K_END, "return x"),), "no_relu"),
    Entry("layer_no_norm", Q, "no BatchNorm at all", (("        self.bn = nn.BatchNorm2d(out_channels)\n", ""), ("self.bn(self.conv(x))", "self.conv(x)")), ((K_NORM, ""),), "no_norm"),
    Entry("layer_norm_never_called", Q, "built and never called", (("self.bn(self.conv(x))", "self.conv(x)"),), mistake="layer_never_called"),
    Entry("layer_convolution_alone", Q, "the convolution's output as it is", (("        self.bn = nn.BatchNorm2d(out_channels)\n", ""), (T_END, "return self.conv(x)")), ((K_NORM, ""), (K_END, "return x")), "convolution_alone"),
    Entry("layer_relu_before_norm", Q, "between the convolution and its BatchNorm", ((T_END, "return self.bn(F.relu(self.conv(x)))"),),
          ((K_NORM, "    x = layers.ReLU()(x)\n    x = layers.BatchNormalization()(x)\n"), (K_END, "return x")), "relu_before_norm_in_trio"),
    Entry("layer_norm_first", Q, "before the convolution", ((T_NORM, "nn.BatchNorm2d(in_channels)"), (T_END, "return F.relu(self.conv(self.bn(x)))")),
          ((K_NORM, ""), (f"    x = {K_CONV}", f"{K_NORM}    x = {K_CONV}")), "norm_before_convolution"),
    Entry("layer_pre_activation", Q, "come before the convolution", ((T_NORM, "nn.BatchNorm2d(in_channels)"), (T_END, "return self.conv(F.relu(self.bn(x)))")),
          ((K_NORM, ""), (f"    x = {K_CONV}", f"{K_NORM}    x = layers.ReLU()(x)\n    x = {K_CONV}"), (K_END, "return x")), "norm_and_relu_before_convolution"),
    Entry("layer_unpadded", Q, "no padding", ((", padding=1", ""),), ((', padding="same"', ""),), "unpadded"),
    Entry("layer_stride_ignored", Q, "stride 1 always", (("stride=stride, ", ""),), (("strides=stride, ", ""),), "stride_ignored"),
    Entry("layer_stride_always_2", Q, "stride 2 always", (("stride=stride", "stride=2"),), (("strides=stride", "strides=2"),), "stride_always_2"),
    Entry("layer_stride_by_pooling", Q, "stride", (("stride=stride, ", ""), (T_END, "return F.max_pool2d(F.relu(self.bn(self.conv(x))), self.stride, ceil_mode=True)"), ("        self.bn", "        self.stride = stride\n        self.bn")),
          (("strides=stride, ", ""), (K_END, 'return layers.MaxPooling2D(stride, padding="same")(layers.ReLU()(x))'))),
    Entry("layer_five_pixels", Q, "3x3 convolution", (("3, stride=stride, padding=1", "5, stride=stride, padding=2"),), (("channels, 3,", "channels, 5,"),)),
    Entry("layer_two_convolutions", Q, "convolution", ((T_END, "return F.relu(self.bn(self.second(self.conv(x))))"), ("        self.bn", "        self.second = nn.Conv2d(out_channels, out_channels, 1)\n        self.bn")),
          ((K_NORM, f"    x = layers.Conv2D(channels, 1)(x)\n{K_NORM}"),)),
    Entry("layer_dropout", Q, "dropout", ((T_END, "return F.dropout(F.relu(self.bn(self.conv(x))), 0.2, self.training)"),), ((K_END, "return layers.Dropout(0.2)(layers.ReLU()(x))"),)),
    Entry("layer_dropout_always", Q, "dropout", ((T_END, "return F.dropout(F.relu(self.bn(self.conv(x))), 0.2)"),)),
    Entry("layer_norm_without_scale", Q, "learnable scale", ((T_NORM, "nn.BatchNorm2d(out_channels, affine=False)"),), (("layers.BatchNormalization()", "layers.BatchNormalization(scale=False)"),)),
    Entry("layer_norm_without_statistics", Q, "current batch", ((T_NORM, "nn.BatchNorm2d(out_channels, track_running_stats=False)"),)),
    Entry("layer_norm_over_wrong_axis", Q, "axis", keras=(("layers.BatchNormalization()", "layers.BatchNormalization(axis=1)"),)),
    Entry("layer_instance_norm", Q, "BatchNorm", ((T_NORM, "nn.InstanceNorm2d(out_channels, affine=True)"),), (("layers.BatchNormalization()", "layers.GroupNormalization(-1)"),)),
    Entry("layer_group_norm", Q, "BatchNorm", ((T_NORM, "nn.GroupNorm(1, out_channels)"),), (("layers.BatchNormalization()", "layers.LayerNormalization()"),)),
    Entry("layer_unbiased_variance", Q, "n - 1", own_norm(("unbiased=False", "unbiased=True"))["torch"],
          own_norm(keras=("            self.mean.assign(0.7", "            count = keras.ops.cast(keras.ops.size(x), 'float32') / x.shape[-1]\n            variance = variance * count / (count - 1)\n            self.mean.assign(0.7"))["keras"], "unbiased_variance"),
    Entry("layer_divides_by_the_variance", Q, "the variance has another place", own_norm(("torch.sqrt(variance + 1e-4)", "(variance + 1e-4)"))["torch"],
          own_norm(keras=("keras.ops.sqrt(variance + 1e-4)", "(variance + 1e-4)"))["keras"]),
    Entry("layer_statistics_never_move", Q, "running mean", own_norm(("                self.mean.lerp_(mean, 0.3)\n", "                pass\n"))["torch"],
          own_norm(keras=("            self.mean.assign(0.7 * self.mean + 0.3 * mean)\n", ""))["keras"]),
    Entry("layer_batch_in_evaluation", Q, "the current batch", own_norm(("        if self.training:\n", "        if True:\n"))["torch"],
          own_norm(keras=("        if training:\n", "        if True:\n"))["keras"], "batch_statistics_in_evaluation"),
    Entry("layer_detached", Q, "gradient", ((T_END, "return F.relu(self.bn(self.conv(x.detach())))"),), ((f"use_bias=False)(x)\n{K_NORM}", f"use_bias=False)(keras.ops.stop_gradient(x))\n{K_NORM}"),)),
    Entry("layer_changes_input", Q, "input", ((T_END, "return F.relu(self.bn(self.conv(x.mul_(1.1))))"),)),
    Entry("layer_shared_by_all", Q, "of its own", ((T_END, "return F.relu(self.bn(self.conv(x)))\n\n\nSHARED = nn.BatchNorm2d(64)"), (f"self.bn = {T_NORM}", "self.bn = ConvBNReLU.norms.setdefault(out_channels, nn.BatchNorm2d(out_channels))"), ('    def __init__(self', "    norms = {}\n\n    def __init__(self"))),
    Entry("layer_in_a_list", Q, "registered", ((f"self.conv = {T_CONV}", f"self.parts = [{T_CONV}]"), ("self.conv(x)", "self.parts[0](x)"))),
    Entry("layer_wrong_channels", Q, "channels", ((T_NORM, "nn.BatchNorm2d(in_channels)"),)),
    Entry("layer_no_default_stride", Q, "stride", (("out_channels, stride=1):", "out_channels, stride):"),), (("channels, stride=1):", "channels, stride):"),)),
    Entry("layer_missing_super", Q, "super().__init__()", (("        super().__init__()\n", ""),)),
)  # fmt: skip
