"""Mutants of `basic_block` and `bottleneck`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_END, T_FIRST, T_SECOND = (
    "return F.relu(out + self.shortcut(x))",
    "out = F.relu(self.bn1(self.conv1(x)))",
    "out = self.bn2(self.conv2(out))",
)
K_END = "    out = layers.Add()([out, shortcut])\n    return layers.ReLU()(out)"
K_SUM, K_RELU, K_NORM = "layers.Add()([out, shortcut])", "    out = layers.ReLU()(out)\n", "layers.BatchNormalization()"
K_PROJECTION = "use_bias=False)(x)\n        shortcut"
K_LAST = '    out = layers.Conv2D(channels, 3, padding="same", use_bias=False)(out)\n    out = layers.BatchNormalization()(out)\n'
T_CONV2 = "nn.Conv2d(channels, channels, 3, padding=1, bias=False)"
T_STRIDED = "nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1, bias=False)"
K_CONV2 = 'layers.Conv2D(channels, 3, padding="same", use_bias=False)'
K_STRIDED = 'layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)'


def _end(torch: str, keras: str) -> tuple[Edits, Edits]:
    """Edits of the addition and what follows."""
    return ((T_END, f"return {torch}"),), ((K_END, f"    return {keras}"),)


def _ends() -> list[Entry]:
    relu = "layers.ReLU()"
    ends = {
        "no_relu_after_addition": ("after the addition", "out + self.shortcut(x)", K_SUM),
        "relu_before_addition": (
            "before the shortcut is added", "F.relu(out) + self.shortcut(x)", f"layers.Add()([{relu}(out), shortcut])",
        ),
        "relu_before_and_after_addition": (
            "another one after", "F.relu(F.relu(out) + self.shortcut(x))", f"{relu}(layers.Add()([{relu}(out), shortcut]))",
        ),
        "skip_missing": ("never reaches the output", "F.relu(out)", f"{relu}(out)"),
        "skip_subtracted": ("subtracted", "F.relu(out - self.shortcut(x))", f"{relu}(layers.Subtract()([out, shortcut]))"),
        "skip_multiplied": ("multiplied", "F.relu(out * self.shortcut(x))", f"{relu}(layers.Multiply()([out, shortcut]))"),
        "main_path_detached": (
            "main path gives the right values, but no gradient", "F.relu(out.detach() + self.shortcut(x))",
            f"{relu}(layers.Add()([keras.ops.stop_gradient(out), shortcut]))",
        ),
    }  # fmt: skip
    found = []
    for name, (says, torch, keras) in ends.items():
        edits = _end(torch, keras)
        found.append(Entry(name, "basic_block", says, *edits, mistake=name))
        found.append(Entry(f"{name}_in_bottleneck", "bottleneck", says, *edits, mistake=name))
    return found


def _activations() -> list[Entry]:
    found = []
    for name, torch, keras in (
        ("gelu", "F.gelu", 'layers.Activation("gelu")'), ("silu", "F.silu", 'layers.Activation("silu")'),
        ("elu", "F.elu", 'layers.Activation("elu")'), ("tanh", "torch.tanh", 'layers.Activation("tanh")'),
        ("sigmoid", "torch.sigmoid", 'layers.Activation("sigmoid")'),
        ("leaky_relu_0.01", "F.leaky_relu", "layers.LeakyReLU(negative_slope=0.01)"),
    ):  # fmt: skip
        edits = (("F.relu", torch),), (("layers.ReLU()", keras),)
        found.append(Entry(name, "basic_block", "in its place", *edits, mistake=name))
    for slope in (0.1, 0.2, 0.3):
        torch_edit = (("F.relu(self.bn1", f"F.leaky_relu(negative_slope={slope}, input=self.bn1"),
                      ("F.relu(out", f"F.leaky_relu(negative_slope={slope}, input=out"))  # fmt: skip
        keras_edit = (("layers.ReLU()", f"layers.LeakyReLU(negative_slope={slope})"),)
        name = f"leaky_relu_{slope:g}"
        found.append(Entry(name, "basic_block", "leaky", torch_edit, keras_edit, mistake=name))
    return found


BASIC = (
    Entry("skip_detached", "basic_block", "no gradient passes through it",
          (("self.shortcut(x)", "self.shortcut(x.detach())"),),
          (("    shortcut = x\n", "    shortcut = keras.ops.stop_gradient(x)\n"), (K_PROJECTION, "use_bias=False)(shortcut)\n        shortcut")),
          "skip_detached"),
    Entry("shortcut_from_main_path", "basic_block", "computed from the main path",
          (("nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)", "nn.Conv2d(channels, channels, 1, bias=False)"),
           (T_END, "return F.relu(out + (x if isinstance(self.shortcut, nn.Identity) else self.shortcut(out)))")),
          ((K_END, "    if shortcut is not x:\n        shortcut = layers.Conv2D(channels, 1, use_bias=False)(out)\n"
                   f"        shortcut = layers.BatchNormalization()(shortcut)\n{K_END}"),), "shortcut_from_main_path"),
    Entry("relu_on_input", "basic_block", "applied to the input itself", ((T_FIRST, f"x = F.relu(x, inplace=True)\n        {T_FIRST}"),),
          (("    shortcut = x\n", "    shortcut = x = layers.ReLU()(x)\n"),), "relu_on_input"),
    Entry("no_relu_between", "basic_block", "BatchNorm alone", ((T_FIRST, "out = self.bn1(self.conv1(x))"),), ((K_RELU, ""),), "no_relu_between"),
    Entry("relu_before_norm", "basic_block", "between the convolution and its BatchNorm",
          ((T_FIRST, "out = self.bn1(F.relu(self.conv1(x)))"),),
          ((f"    out = {K_NORM}(out)\n{K_RELU}", f"{K_RELU}    out = {K_NORM}(out)\n"),), "relu_before_norm"),
    Entry("no_norm", "basic_block", "no BatchNorm at all",
          ((T_FIRST, "out = F.relu(self.conv1(x))"), (T_SECOND, "out = self.conv2(out)"), ("        self.bn1 = nn.BatchNorm2d(channels)\n", ""),
           ("        self.bn2 = nn.BatchNorm2d(channels)\n", ""), ("                nn.BatchNorm2d(channels),\n", "")),
          ((f"    out = {K_NORM}(out)\n", ""), (f"        shortcut = {K_NORM}(shortcut)\n", "")), "no_norm"),
    Entry("no_last_norm", "basic_block", "last convolution of the block has no BatchNorm",
          ((T_SECOND, "out = self.conv2(out)"), ("        self.bn2 = nn.BatchNorm2d(channels)\n", "")),
          ((f"    out = {K_NORM}(out)\n    out = layers.Add", "    out = layers.Add"),), "no_last_norm"),
    Entry("no_first_norm", "basic_block", "first convolution of the block has no BatchNorm",
          ((T_FIRST, "out = F.relu(self.conv1(x))"), ("        self.bn1 = nn.BatchNorm2d(channels)\n", "")),
          ((f"    out = {K_NORM}(out)\n{K_RELU}", K_RELU),), "no_first_norm"),
    Entry("stride_on_second", "basic_block", "the second one halves it",
          ((T_STRIDED, "nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)"), (T_CONV2, "nn.Conv2d(channels, channels, 3, stride, 1, bias=False)")),
          ((K_STRIDED, "STRIDED"), (K_CONV2, K_STRIDED), ("STRIDED", K_CONV2)), "stride_on_second"),
    Entry("stride_twice", "basic_block", "two convolutions of the main path are strided",
          ((T_CONV2, "nn.Conv2d(channels, channels, 3, stride, 1, bias=False)"), ("channels, 1, stride=stride,", "channels, 1, stride=stride**2,")),
          ((K_CONV2, K_STRIDED), ("channels, 1, strides=stride,", "channels, 1, strides=stride**2,")), "stride_twice"),
    Entry("projection_always", "basic_block", "a projection in every block",
          (("if stride != 1 or in_channels != channels:", "if True:"),), (("if stride != 1 or x.shape[-1] != channels:", "if True:"),), "projection_always"),
    Entry("norm_after_addition", "basic_block", "another BatchNorm after the addition",
          ((T_END, "return F.relu(self.bn3(out + self.shortcut(x)))"), ("        self.shortcut = nn.Identity()", "        self.bn3 = nn.BatchNorm2d(channels)\n        self.shortcut = nn.Identity()")),
          ((f"out = {K_SUM}", f"out = {K_NORM}({K_SUM})"),), "norm_after_addition"),
    Entry("batch_statistics_in_evaluation", "basic_block", "statistics of the current batch",
          (("nn.BatchNorm2d(channels)", "nn.BatchNorm2d(channels, track_running_stats=False)"),), (), "batch_statistics_in_evaluation"),
    Entry("training_mode_for_ever", "basic_block", "statistics of the current batch",
          ((T_FIRST, f"self.train()\n        {T_FIRST}"),), (), "batch_statistics_in_evaluation"),
    Entry("evaluation_mode_for_ever", "basic_block", "in training mode", ((T_FIRST, f"self.eval()\n        {T_FIRST}"),),
          ()),
    Entry("instance_norm", "basic_block", "normalised by itself", (("nn.BatchNorm2d(channels)", "nn.InstanceNorm2d(channels, affine=True)"),), (), "instance_norm"),
    Entry("instance_norm_of_keras", "basic_block", "another normalisation", (), ((K_NORM, "layers.GroupNormalization(groups=-1)"),)),
    Entry("tracked_instance_norm", "basic_block", "in training mode each image",
          (("nn.BatchNorm2d(channels)", "nn.InstanceNorm2d(channels, affine=True, track_running_stats=True)"),), (), "tracked_instance_norm"),
    Entry("group_norm", "basic_block", "over all pixels and channels", (("nn.BatchNorm2d(channels)", "nn.GroupNorm(1, channels)"),), (), "group_norm"),
    Entry("group_norm_of_keras", "basic_block", "another normalisation", (), ((K_NORM, "layers.GroupNormalization(groups=1)"),)),
    Entry("layer_norm", "basic_block", "over its channels",
          (("class BasicBlock", "class ChannelNorm(nn.LayerNorm):\n    def forward(self, x):\n        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)\n\n\nclass BasicBlock"),
           ("nn.BatchNorm2d(channels)", "ChannelNorm(channels)")), (), "layer_norm"),
    Entry("layer_norm_of_keras", "basic_block", "another normalisation", (), ((K_NORM, "layers.LayerNormalization()"),)),
    Entry("dropout_always", "basic_block", "dropout", ((T_SECOND, f"{T_SECOND}\n        out = F.dropout(out, 0.3)"),),
          ((f"out = {K_SUM}", "out = layers.Add()([layers.Lambda(lambda t: keras.random.dropout(t, 0.3))(out), shortcut])"),)),
    Entry("dropout_in_training", "basic_block", "dropout", ((T_SECOND, f"{T_SECOND}\n        out = F.dropout(out, 0.3, self.training)"),),
          ((f"out = {K_SUM}", "out = layers.Add()([layers.Dropout(0.3)(out), shortcut])"),)),
    Entry("relu6", "basic_block", "cut off at 6", (("F.relu(", "F.relu6("),), (("layers.ReLU()", "layers.ReLU(max_value=6)"),)),
    Entry("concatenated", "basic_block", "concatenation",
          ((T_END, "return F.relu(self.squeeze(torch.cat((out, self.shortcut(x)), 1)))"),
           ("        self.shortcut = nn.Identity()", "        self.squeeze = nn.Conv2d(2 * channels, channels, 1)\n        self.shortcut = nn.Identity()")),
          ((f"out = {K_SUM}", "out = layers.Conv2D(channels, 1)(layers.Concatenate()([out, shortcut]))"),)),
    Entry("unused_norm", "basic_block", "never used", (("        self.shortcut = nn.Identity()", "        self.bn3 = nn.BatchNorm2d(channels)\n        self.shortcut = nn.Identity()"),)),
    Entry("unused_projection", "basic_block", "never used", (("if stride != 1 or in_channels != channels:", "if True:"),
          (T_END, "return F.relu(out + (x if x.shape == out.shape else self.shortcut(x)))"))),
    Entry("python_list", "basic_block", "does not list among its parameters", (("self.conv2 = nn", "self.hidden = [nn"), ("bias=False)\n        self.bn2", "bias=False)]\n        self.bn2"),
          ("self.conv2(out)", "self.hidden[0](out)"))),
    Entry("layer_made_in_forward", "basic_block", "does not list among its parameters", (("self.conv2(out)", "nn.Conv2d(out.shape[1], out.shape[1], 3, padding=1, bias=False)(out)"),)),
    Entry("kernel_5x5", "basic_block", "5x5", ((T_CONV2, "nn.Conv2d(channels, channels, 5, padding=2, bias=False)"),), ((K_CONV2, K_CONV2.replace("3,", "5,")),)),
    Entry("no_padding", "basic_block", "same shape", ((T_CONV2, "nn.Conv2d(channels, channels, 3, bias=False)"),), ((K_CONV2, "layers.Conv2D(channels, 3, use_bias=False)"),)),
    Entry("projection_for_stride_only", "basic_block", "channels change although the stride is 1",
          (("if stride != 1 or in_channels != channels:", "if stride != 1:"),), (("if stride != 1 or x.shape[-1] != channels:", "if stride != 1:"),)),
    Entry("weights_moved_in_forward", "basic_block", "the same output each time", ((T_FIRST, f"self.bn1.weight.data.mul_(0.9)\n        {T_FIRST}"),)),
    Entry("shared_convolution", "basic_block", "several times",
          ((f"self.conv2 = {T_CONV2}", f"self.conv2 = self.conv1 if (in_channels, stride) == (channels, 1) else {T_CONV2}"),),
          ((f"    out = {K_STRIDED}(x)", f"    conv = {K_STRIDED}\n    out = conv(x)"),
           (f"    out = {K_CONV2}(out)", f"    out = (conv if (x.shape[-1], stride) == (channels, 1) else {K_CONV2})(out)"))),
    Entry("nan", "basic_block", "NaN", ((T_END, f"{T_END} * float('nan')"),), ((f"out = {K_SUM}", f"out = {K_SUM} * float('nan')"),)),
    Entry("tuple_returned", "basic_block", "tuple", ((T_END, f"{T_END}, x"),)),
    Entry("parameters_swapped", "basic_block", "2 channels", (("def __init__(self, in_channels, channels, stride=1):", "def __init__(self, in_channels, stride):\n        channels = 2"),),
          (("def basic_block(x, channels, stride=1):", "def basic_block(x, stride):\n    channels = 2"),)),
    Entry("channels_first_norm", "basic_block", "axis is that of the channels", (), ((K_NORM, "layers.BatchNormalization(axis=1)"),)),
    Entry("norm_without_scale", "basic_block", "learnable scale", (), ((f"    out = {K_NORM}(out)\n{K_RELU}", f"    out = layers.BatchNormalization(scale=False)(out)\n{K_RELU}"),)),
    *_ends(),
    *_activations(),
)  # fmt: skip

T_3X3 = "nn.Conv2d(channels, channels, 3, padding=1, bias=False)"
BOTTLENECK = (
    Entry("no_first_relu", "bottleneck", "the next convolution at once", ((T_FIRST, "out = self.bn1(self.conv1(x))"),),
          ((f"{K_RELU}    out = {K_CONV2}", f"    out = {K_CONV2}"),), "no_first_relu"),
    Entry("no_second_relu", "bottleneck", "the last convolution at once", (("out = F.relu(self.bn2(self.conv2(out)))", T_SECOND),),
          ((f"{K_RELU}    out = layers.Conv2D(4", "    out = layers.Conv2D(4"),), "no_second_relu"),
    Entry("stride_on_last", "bottleneck", "last 1x1 convolution",
          (("nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)", "nn.Conv2d(in_channels, channels, 1, bias=False)"),
           ("nn.Conv2d(channels, out_channels, 1, bias=False)", "nn.Conv2d(channels, out_channels, 1, stride, bias=False)")),
          (("layers.Conv2D(channels, 1, strides=stride,", "layers.Conv2D(channels, 1,"), ("layers.Conv2D(4 * channels, 1, use_bias=False)(out)", "layers.Conv2D(4 * channels, 1, strides=stride, use_bias=False)(out)")),
          "stride_on_last"),
    Entry("stride_twice_in_bottleneck", "bottleneck", "two convolutions of the main path are strided",
          ((T_3X3, "nn.Conv2d(channels, channels, 3, stride, 1, bias=False)"), ("out_channels, 1, stride=stride,", "out_channels, 1, stride=stride**2,")),
          ((K_CONV2, K_STRIDED), ("layers.Conv2D(4 * channels, 1, strides=stride,", "layers.Conv2D(4 * channels, 1, strides=stride**2,")), "stride_twice"),
    Entry("expansion_forgotten", "bottleneck", "channels", (("out_channels = 4 * channels", "out_channels = channels"),), (("4 * channels", "channels"),)),
    Entry("first_3x3", "bottleneck", "a 3x3 convolution from",
          (("nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)", T_STRIDED),), (("layers.Conv2D(channels, 1, strides=stride, use_bias=False)", K_STRIDED),)),
)  # fmt: skip
MUTANTS = (*BASIC, *BOTTLENECK)
