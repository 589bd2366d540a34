"""Mutants of `resnet`, `cifar_resnet` and `cifar_plain`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_STEM = (
    "        nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),\n        nn.BatchNorm2d(64),\n        nn.ReLU(),\n"
)
T_POOL = "        nn.MaxPool2d(3, stride=2, padding=1),\n"
T_DENSE = "nn.Linear(512 * block.expansion, num_classes)"
K_CONV = '    x = layers.Conv2D(64, 7, strides=2, padding="same", use_bias=False)(image)\n'
K_NORM, K_RELU = "    x = layers.BatchNormalization()(x)\n", "    x = layers.ReLU()(x)\n"
K_POOL = '    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)\n'
K_DENSE = "layers.Dense(num_classes)(x)"
C_STEM, C_CONV = "nn.Conv2d(3, 16, 3, padding=1, bias=False)", 'layers.Conv2D(16, 3, padding="same", use_bias=False)'


def _ends() -> list[Entry]:
    found = []
    for name, torch, keras, says in (
        ("softmax", "nn.Softmax(dim=1)", "softmax", "a softmax after"),
        ("log_softmax", "nn.LogSoftmax(dim=1)", "log_softmax", "a log-softmax after"),
        ("sigmoid", "nn.Sigmoid()", "sigmoid", "a sigmoid after"),
        ("relu", "nn.ReLU()", "relu", "a ReLU after"),
    ):
        edits = (
            ((T_DENSE, f"{T_DENSE},\n        {torch}"),),
            ((K_DENSE, f'layers.Dense(num_classes, activation="{keras}")(x)'),),
        )
        found.append(Entry(f"{name}_at_the_end", "resnet", says, *edits, mistake=f"{name}_at_the_end"))
    return found


def _pools() -> list[Entry]:
    found = []
    for name, says, torch, keras in (
        ("no_stem_pool", "no max pooling", "", ""),
        ("average_stem_pool", "an average pooling", "        nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),\n",
         '    x = layers.AveragePooling2D(3, strides=2, padding="same")(x)\n'),
        ("unpadded_stem_pool", "without padding", "        nn.MaxPool2d(3, stride=2),\n", "    x = layers.MaxPooling2D(3, strides=2)(x)\n"),
        ("small_stem_pool", "a 2x2 max pooling", "        nn.MaxPool2d(2),\n", "    x = layers.MaxPooling2D(2)(x)\n"),
    ):  # fmt: skip
        found.append(Entry(name, "resnet", says, ((T_POOL, torch),), ((K_POOL, keras),), name))
    return found


STEM_AND_END = (
    Entry("no_stem_relu", "resnet", "no ReLU after the first BatchNorm", ((T_STEM, T_STEM.replace("        nn.ReLU(),\n", "")),), ((K_NORM + K_RELU, K_NORM),), "no_stem_relu"),
    Entry("no_stem_norm", "resnet", "no BatchNorm in the stem", ((T_STEM, T_STEM.replace("        nn.BatchNorm2d(64),\n", "")),), ((K_NORM, ""),), "no_stem_norm"),
    Entry("bare_stem", "resnet", "neither BatchNorm nor ReLU", ((T_STEM, T_STEM.split("\n")[0] + "\n"),), ((K_NORM + K_RELU, ""),), "bare_stem"),
    Entry("cifar_stem", "resnet", "the stem of the CIFAR nets", ((T_STEM + T_POOL, T_STEM.replace("7, stride=2, padding=3", "3, padding=1")),),
          ((K_CONV, K_CONV.replace("7, strides=2", "3")), (K_POOL, "")), "cifar_stem"),
    Entry("cifar_stem_with_pool", "resnet", "followed by the pooling", (("7, stride=2, padding=3", "3, padding=1"),), (("64, 7, strides=2", "64, 3"),), "cifar_stem_with_pool"),
    Entry("global_max_pooling", "resnet", "a global maximum", (("AdaptiveAvgPool2d", "AdaptiveMaxPool2d"),), (("GlobalAveragePooling2D", "GlobalMaxPooling2D"),), "global_max_pooling"),
    Entry("relu6_in_the_stem", "resnet", "cut off at 6", (("nn.ReLU()", "nn.ReLU6()"),), ((K_RELU, "    x = layers.ReLU(max_value=6)(x)\n"),)),
    Entry("axes_kept", "resnet", "flatten", (("        nn.Flatten(),\n", ""), (T_DENSE, "nn.Conv2d(512 * block.expansion, num_classes, 1)")),
          (("GlobalAveragePooling2D()", "GlobalAveragePooling2D(keepdims=True)"),)),
    Entry("batch_axis_lost", "resnet", "keep the batch axis", (("nn.Flatten()", "type('Squeeze', (nn.Module,), {'forward': lambda self, x: x.squeeze()})()"),)),
    Entry("fixed_pool", "resnet", "run without an error", (("nn.AdaptiveAvgPool2d(1)", "nn.AvgPool2d(7)"),), (("layers.GlobalAveragePooling2D()(x)", "layers.Flatten()(layers.AveragePooling2D(7)(x))"),)),
    Entry("pool_of_four", "resnet", "2048", (("nn.AdaptiveAvgPool2d(1)", "nn.AdaptiveAvgPool2d(2)"), ("512 * block.expansion, num_classes", "4 * 512 * block.expansion, num_classes")),),
    Entry("classes_ignored", "resnet", "num_classes", (("num_classes),\n    )", "1000),\n    )"),), (("Dense(num_classes)", "Dense(1000)"),)),
    *_ends(),
    *_pools(),
)  # fmt: skip

STAGES = (
    Entry("first_stage_strided", "resnet", "the first stage halves the map too", (("counts[0], stride=1", "counts[0], stride=2"),), (("counts[0], stride=1", "counts[0], stride=2"),), "first_stage_strided"),
    Entry("no_stage_strided", "resnet", "no stage halves the map", (("stride=2),\n        stage", "stride=1),\n        stage"), ("counts[3], stride=2", "counts[3], stride=1")),
          (("counts[1], stride=2", "counts[1], stride=1"), ("counts[2], stride=2", "counts[2], stride=1"), ("counts[3], stride=2", "counts[3], stride=1")), "no_stage_strided"),
    Entry("a_block_too_many", "resnet", "3 of them", (("18: (BasicBlock, [2, 2, 2, 2])", "18: (BasicBlock, [3, 2, 2, 2])"),), (("[2, 2, 2, 2]", "[3, 2, 2, 2]"),)),
    Entry("bottlenecks_in_34", "resnet", "bottleneck blocks (1x1, 3x3, 1x1)", (("34: (BasicBlock", "34: (Bottleneck"),), (("34: (basic_block", "34: (bottleneck"),)),
    Entry("wrong_width", "resnet", "convolution from", (("128, counts[1]", "96, counts[1]"), ("128 * block.expansion", "96 * block.expansion")), (("128, counts[1]", "96, counts[1]"),)),
    Entry("ready_made_at_the_call", "resnet", "ready-made",
          (("    return nn.Sequential(\n", "    import torchvision\n\n    return getattr(torchvision.models, f'resnet{depth}')(num_classes=num_classes)\n    return nn.Sequential(\n"),),
          (("    image = keras.Input(input_shape)\n", "    if depth == 50:\n        return keras.applications.ResNet50(weights=None, classes=num_classes, input_shape=input_shape, classifier_activation=None)\n    image = keras.Input(input_shape)\n"),)),
    Entry("every_block_strided", "cifar_resnet", "every block of the later stages halves the map",
          (("    return nn.Sequential(\n        nn.Conv2d(3, 16", "    def stage(block, i, o, count, stride):\n        return nn.Sequential(block(i, o, stride), *[block(o, o, stride) for _ in range(count - 1)])\n\n    return nn.Sequential(\n        nn.Conv2d(3, 16"),),
          (("    image = keras.Input(input_shape)\n", "    def stage(x, block, channels, count, stride):\n        for _ in range(count):\n            x = block(x, channels, stride)\n        return x\n\n    image = keras.Input(input_shape)\n"),), "every_block_strided"),
    Entry("every_plain_block_strided", "cifar_plain", "every block of the later stages halves the map",
          (("    return nn.Sequential(\n        nn.Conv2d(3, 16", "    def stage(block, i, o, count, stride):\n        return nn.Sequential(block(i, o, stride), *[block(o, o, stride) for _ in range(count - 1)])\n\n    return nn.Sequential(\n        nn.Conv2d(3, 16"),),
          (("    image = keras.Input(input_shape)\n", "    def stage(x, block, channels, count, stride):\n        for _ in range(count):\n            x = block(x, channels, stride)\n        return x\n\n    image = keras.Input(input_shape)\n"),),
          "every_block_strided", "cifar_resnet"),
    Entry("repeated_block", "cifar_resnet", "several times",
          (("    return nn.Sequential(\n        nn.Conv2d(3, 16", "    def stage(block, i, o, count, stride):\n        return nn.Sequential(block(i, o, stride), *[block(o, o)] * (count - 1))\n\n    return nn.Sequential(\n        nn.Conv2d(3, 16"),)),
    Entry("blocks_by_nine", "cifar_resnet", "2 of them", (("(depth - 2) // 6", "(depth - 2) // 9"),), (("(depth - 2) // 6", "(depth - 2) // 9"),)),
    Entry("imagenet_stem", "cifar_resnet", "the stem for large images", ((C_STEM, "nn.Conv2d(3, 16, 7, 2, 3, bias=False)"),), ((C_CONV, 'layers.Conv2D(16, 7, 2, padding="same", use_bias=False)'),), "imagenet_stem"),
    Entry("imagenet_stem_with_pool", "cifar_resnet", "max pooling", ((C_STEM, "nn.Conv2d(3, 16, 7, 2, 3, bias=False)"), ("nn.ReLU(),\n", "nn.ReLU(),\n        nn.MaxPool2d(3, 2, 1),\n")),
          ((C_CONV, 'layers.Conv2D(16, 7, 2, padding="same", use_bias=False)'), (K_RELU, K_RELU + K_POOL)), "imagenet_stem_with_pool"),
    Entry("cifar_classes_ignored", "cifar_resnet", "num_classes", (("nn.Linear(64, num_classes)", "nn.Linear(64, 10)"),), (("Dense(num_classes)", "Dense(10)"),)),
    Entry("no_norm_anywhere", "cifar_plain", "no BatchNorm at all",
          (("F.relu(self.bn1(self.conv1(x)))", "F.relu(self.conv1(x))"), ("F.relu(self.bn2(self.conv2(x)))", "F.relu(self.conv2(x))"), ("        self.bn1 = nn.BatchNorm2d(channels)\n", ""),
           ("        self.bn2 = nn.BatchNorm2d(channels)\n", ""),
           ("return cifar_net(PlainBlock, depth, num_classes)", "net = cifar_net(PlainBlock, depth, num_classes)\n    del net[1]\n    return net")),
          ((K_NORM, ""), ("cifar_net(plain_block", "bare_net(plain_block"),
           ("def cifar_plain", "def bare_net(block, depth, num_classes, input_shape):\n    image = keras.Input(input_shape)\n"
            '    x = layers.ReLU()(layers.Conv2D(16, 3, padding="same")(image))\n    for number, channels in enumerate((16, 32, 64)):\n'
            "        x = stage(x, block, channels, (depth - 2) // 6, stride=1 + (number > 0))\n"
            "    return keras.Model(image, layers.Dense(num_classes)(layers.GlobalAveragePooling2D()(x)))\n\n\ndef cifar_plain")),
          "no_norm_anywhere"),
    Entry("plain_with_shortcuts", "cifar_plain", "additions of two paths", (("cifar_net(PlainBlock", "cifar_net(BasicBlock"),), (("cifar_net(plain_block", "cifar_net(basic_block"),)),
    Entry("plain_without_inner_relu", "cifar_plain", "BatchNorm alone", (("x = F.relu(self.bn1(self.conv1(x)))", "x = self.bn1(self.conv1(x))"),),
          (("    x = layers.ReLU()(x)\n", ""),), "no_relu_between"),
)  # fmt: skip


def _shortcut(torch: str, keras: str) -> tuple[Edits, Edits]:
    """Edits that give `cifar_resnet` blocks with a shortcut of their own, written as an expression of x and out."""
    block = (
        "class OwnBlock(BasicBlock):\n"
        "    def __init__(self, in_channels, channels, stride=1):\n"
        "        super().__init__(in_channels, channels, stride)\n"
        "        del self.shortcut\n\n"
        "    def forward(self, x):\n"
        "        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))\n"
        f"        return F.relu({torch})\n\n\n"
    )
    function = (
        "def own_block(x, channels, stride=1):\n"
        '    out = layers.Conv2D(channels, 3, strides=stride, padding="same")(x)\n'
        "    out = layers.ReLU()(layers.BatchNormalization()(out))\n"
        '    out = layers.BatchNormalization()(layers.Conv2D(channels, 3, padding="same")(out))\n'
        "    missing = channels - x.shape[-1]\n"
        f"    return layers.ReLU()({keras})\n\n\n"
    )
    torch_edits = (("def cifar_resnet", f"{block}def cifar_resnet"), ("cifar_net(BasicBlock", "cifar_net(OwnBlock"))
    keras_edits = (
        ("def cifar_resnet", f"{function}def cifar_resnet"),
        ("cifar_net(basic_block", "cifar_net(own_block"),
    )
    return torch_edits, keras_edits


def option_a(name: str, torch: str, keras: str, zeros: str = "after", says: str = "", mistake: str = "") -> Entry:
    """Option A with its way of taking pixels, and its place for the missing channels."""
    pads = {
        "after": ("0, {0}", "(0, missing)"),
        "before": ("{0}, 0", "(missing, 0)"),
        "both": ("{0} // 2, {0} // 2", "(missing // 2, missing // 2)"),
    }
    torch_pad, keras_pad = pads[zeros]
    missing = "(out.shape[1] - x.shape[1])"
    padded = f"F.pad({torch}, (0, 0, 0, 0, {torch_pad.format(missing)}))"
    fitted = f"keras.ops.pad({keras}, [(0, 0), (0, 0), (0, 0), {keras_pad}])"
    edits = _shortcut(f"out + (x if x.shape == out.shape else {padded})", f"out + (x if missing == 0 else {fitted})")
    return Entry(name, "cifar_resnet", says, *edits, mistake=mistake)


SHORTCUTS = (
    option_a("option_a_detached", "x[:, :, ::2, ::2].detach()", "keras.ops.stop_gradient(x[:, ::2, ::2])", says="where the shape changes", mistake="changing_skip_detached"),
    option_a("average_pool_in_shortcut", "F.avg_pool2d(x, 2)", "layers.AveragePooling2D(2)(x)", says="averages of 2x2 pixels", mistake="average_pool_in_shortcut"),
    option_a("max_pool_in_shortcut", "F.max_pool2d(x, 2)", "layers.MaxPooling2D(2)(x)", says="greatest of 2x2 pixels", mistake="max_pool_in_shortcut"),
    option_a("shortcut_from_second_pixel", "x[:, :, 1::2, 1::2]", "x[:, 1::2, 1::2]", says="starts with the second pixel", mistake="shortcut_from_second_pixel"),
    Entry("shortcut_only_where_it_fits", "cifar_resnet", "have no shortcut", *_shortcut("out + x if x.shape == out.shape else out", "out + x if missing == 0 else out"),
          mistake="shortcut_only_where_it_fits"),
)  # fmt: skip
MUTANTS = (*STEM_AND_END, *STAGES, *SHORTCUTS)
