"""Further mutants of the nets: what students were seen to write, beside the mistakes that the oracle knows."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.a2_resnet.nets import C_CONV, C_STEM, K_CONV, K_DENSE, K_NORM, K_POOL, K_RELU, T_DENSE

_T_NET = "    return nn.Sequential(\n        nn.Conv2d(3, 64"
_T_CIFAR = "    return nn.Sequential(\n        nn.Conv2d(3, 16"
_K_INPUT = "    image = keras.Input(input_shape)\n"
_LISTED = (
    "    return Listed([\n        nn.Conv2d(3, 64", "        nn.Linear(512 * block.expansion, num_classes),\n    )",
    "        nn.Linear(512 * block.expansion, num_classes),\n    ])",
    "class Listed(nn.Module):\n    def __init__(self, parts):\n        super().__init__()\n        self.parts = parts\n\n"
    "    def forward(self, x):\n        for part in self.parts:\n            x = part(x)\n        return x\n\n\n",
)  # fmt: skip

_POOLED = "        nn.AdaptiveAvgPool2d(1),\n        nn.Flatten(),\n        nn.Linear(512"
_T_SQUARE = "        type('Square', (nn.Module,), {'forward': lambda self, x: x.sum((2, 3)) / x.shape[2] ** 2})(),\n        nn.Linear(512"

# a shortcut by a convolution whose random kernel is in a buffer, where nothing learns it
_FIXED = (
    "class Fixed(nn.Module):\n    def __init__(self, inputs, outputs):\n        super().__init__()\n"
    '        self.register_buffer("kernel", torch.randn(outputs, inputs, 1, 1))\n\n'
    "    def forward(self, x):\n        return F.conv2d(x, self.kernel, stride=2)\n\n\n"
    "class ByFixed(BasicBlock):\n    def __init__(self, in_channels, channels, stride=1):\n"
    "        super().__init__(in_channels, channels, stride)\n"
    "        if stride == 2:\n            self.shortcut = Fixed(in_channels, channels)\n\n\n"
)

FURTHER = (
    Entry("projection_kernel_in_a_buffer", "cifar_resnet", "no gradient reaches the projection", (("def cifar_net(", f"{_FIXED}def cifar_net("), ("cifar_net(BasicBlock,", "cifar_net(ByFixed,"))),
    Entry("one_logit_for_two", "cifar_resnet", "an output of shape", (("nn.Linear(64, num_classes)", "nn.Linear(64, num_classes if num_classes > 2 else 1)"),), (("layers.Dense(num_classes)", "layers.Dense(num_classes if num_classes > 2 else 1)"),), requests=3),
    Entry("pooled_by_the_shorter_side", "resnet", "average pooling over windows", ((_POOLED, "        type('Pool', (nn.Module,), {'forward': lambda self, x: F.avg_pool2d(x, min(x.shape[2:]))[:, :, 0, 0]})(),\n        nn.Linear(512"),), (("x = layers.GlobalAveragePooling2D()(x)", "x = layers.AveragePooling2D(min(x.shape[1:3]))(x)[:, 0, 0]"),), requests=2),
    Entry("pooled_to_2x2", "resnet", "one number of each for the dense layer", (), (("x = layers.GlobalAveragePooling2D()(x)", "x = layers.Flatten()(layers.AveragePooling2D((input_shape[0] // 32, input_shape[1] // 32))(x))"),), requests=1),
    Entry("pooled_as_if_square", "resnet", "maps need not be square", ((_POOLED, _T_SQUARE),), (("x = layers.GlobalAveragePooling2D()(x)", "x = keras.ops.sum(x, (1, 2)) / x.shape[1] ** 2"),), requests=2),
    Entry("second_call_builds_another_net", "resnet", "a second call with the same arguments", (("def resnet(", "COUNTS = iter(range(2, 99))\n\n\ndef resnet("), ("18: (BasicBlock, [2, 2, 2, 2])", "18: (BasicBlock, [next(COUNTS), 2, 2, 2])")),
          (("def resnet(", "COUNTS = iter(range(2, 99))\n\n\ndef resnet("), ("[2, 2, 2, 2]", "[next(COUNTS), 2, 2, 2]"))),
    Entry("pooled_over_seven_pixels", "resnet", "whatever the size of the image", (), (("x = layers.GlobalAveragePooling2D()(x)", 'x = layers.Flatten()(layers.AveragePooling2D(7, padding="same")(x))'),)),
    Entry("in_channels_not_updated", "resnet", "channels", (("block(block.expansion * channels, channels)", "block(in_channels, channels)"),)),
    Entry("counts_of_another_paper", "resnet", "blocks with", (("18: (BasicBlock, [2, 2, 2, 2])", "18: (BasicBlock, [3, 3, 9, 3])"),), (("[2, 2, 2, 2]", "[3, 3, 9, 3]"),)),
    Entry("a_block_too_many_in_each_stage", "resnet", "blocks with 64 channels in stage 1", (("range(count - 1)", "range(count)"),), (("range(count - 1)", "range(count)"),)),
    Entry("a_block_too_few_in_each_stage", "resnet", "blocks with 64 channels in stage 1", (("range(count - 1)", "range(count - 2)"),), (("range(count - 1)", "range(count - 2)"),)),
    Entry("stages_in_a_list", "resnet", "plain Python list", ((_T_NET, _LISTED[0]), (_LISTED[1], _LISTED[2]), ("def resnet(", f"{_LISTED[3]}def resnet("))),
    Entry("dense_expects_512", "resnet", "the dense layer expects another number of features", (("nn.Linear(512 * block.expansion,", "nn.Linear(512,"),), requests=3),
    Entry("softmax_over_the_batch", "resnet", "a softmax", ((T_DENSE, f"{T_DENSE},\n        nn.Softmax(dim=0)"),), ((f"return keras.Model(image, {K_DENSE})", f"return keras.Model(image, keras.ops.softmax({K_DENSE}, axis=0))"),)),
    Entry("tanh_at_the_end", "resnet", "tanh", ((T_DENSE, f"{T_DENSE},\n        nn.Tanh()"),), ((K_DENSE, 'layers.Dense(num_classes, activation="tanh")(x)'),)),
    Entry("dense_without_bias", "resnet", "the dense layer with a bias", ((T_DENSE, "nn.Linear(512 * block.expansion, num_classes, bias=False)"),), ((K_DENSE, "layers.Dense(num_classes, use_bias=False)(x)"),)),
    Entry("two_dense_layers", "resnet", "dense layer", ((T_DENSE, f"nn.Linear(512 * block.expansion, 512 * block.expansion),\n        {T_DENSE}"),), ((K_DENSE, "layers.Dense(num_classes)(layers.Dense(x.shape[-1])(x))"),)),
    Entry("dropout_before_dense", "resnet", "dropout", ((T_DENSE, f"nn.Dropout(0.5),\n        {T_DENSE}"),), ((K_DENSE, "layers.Dense(num_classes)(layers.Dropout(0.5)(x))"),)),
    Entry("sum_in_place_of_mean", "resnet", "sum over the pixels", (("        nn.AdaptiveAvgPool2d(1),\n        nn.Flatten(),\n", "        type('Total', (nn.Module,), {'forward': lambda self, x: x.sum(dim=(2, 3))})(),\n"),), (("layers.GlobalAveragePooling2D()(x)", "keras.ops.sum(x, axis=(1, 2))"),)),
    Entry("leaky_relu_in_the_stem", "resnet", "leaky", (("nn.ReLU()", "nn.LeakyReLU()"),), ((K_RELU, "    x = layers.LeakyReLU(negative_slope=0.01)(x)\n"),)),
    Entry("stem_of_5x5", "resnet", "7x7", (("64, 7, stride=2, padding=3", "64, 5, stride=2, padding=2"),), ((K_CONV, K_CONV.replace("7,", "5,")),)),
    Entry("stem_at_stride_one", "resnet", "stride 2", (("64, 7, stride=2, padding=3", "64, 7, padding=3"),), ((K_CONV, K_CONV.replace("strides=2, ", "")),)),
    Entry("stem_unpadded", "resnet", "3 pixels of zeros", (("64, 7, stride=2, padding=3", "64, 7, stride=2"),), ((K_CONV, K_CONV.replace('padding="same", ', "")),)),
    Entry("pool_rounded_up", "resnet", "a row and a column more", (("nn.MaxPool2d(3, stride=2, padding=1)", "nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)"),), mistake="stem_pool_rounded_up"),
    Entry("pooled_twice", "resnet", "max pooling", (("        nn.MaxPool2d(3, stride=2, padding=1),\n", "        nn.MaxPool2d(3, stride=2, padding=1),\n        nn.MaxPool2d(3, stride=2, padding=1),\n"),), ((K_POOL, K_POOL + K_POOL),)),
    Entry("ten_classes_by_default", "resnet", "num_classes=1000 by default", (("num_classes=1000", "num_classes=10"),), (("num_classes=1000", "num_classes=10"),), requests=2),
    Entry("depth_unknown", "resnet", "KeyError", (("        152: (Bottleneck, [3, 8, 36, 3]),\n", ""),), (("        152: (bottleneck, [3, 8, 36, 3]),\n", ""),), requests=5),
    Entry("counts_of_101_in_50", "resnet", "6 blocks with 256 channels in stage 3", (("50: (Bottleneck, [3, 4, 6, 3])", "50: (Bottleneck, [3, 4, 23, 3])"),), (("50: (bottleneck, [3, 4, 6, 3])", "50: (bottleneck, [3, 4, 23, 3])"),), requests=3),
    Entry("stages_swapped_in_152", "resnet", "8 blocks with 128 channels in stage 2", (("[3, 8, 36, 3]", "[3, 36, 8, 3]"),), (("[3, 8, 36, 3]", "[3, 36, 8, 3]"),), requests=5),
    Entry("none_returned_by_the_net", "resnet", "NoneType", (("    return nn.Sequential(\n        nn.Conv2d(3, 64", "    net = nn.Sequential(\n        nn.Conv2d(3, 64"),), (("    return keras.Model(image", "    net = keras.Model(image"),)),
    Entry("float_division", "cifar_resnet", "TypeError", (("(depth - 2) // 6", "(depth - 2) / 6"),), (("(depth - 2) // 6", "(depth - 2) / 6"),)),
    Entry("bottlenecks_in_deep_small_nets", "cifar_resnet", "basic blocks at every depth",
          (("cifar_net(BasicBlock,", "cifar_net(BasicBlock if depth < 32 else Bottleneck,"), ("block, 16, 32,", "block, 16 * block.expansion, 32,"), ("block, 32, 64,", "block, 32 * block.expansion, 64,"),
           ("nn.Linear(64,", "nn.Linear(64 * block.expansion,")), (("cifar_net(basic_block,", "cifar_net(basic_block if depth < 32 else bottleneck,"),), requests=2),
    Entry("prepares_its_images", "resnet", "addition of a number", ((_T_NET, "    return nn.Sequential(\n        type('Prepare', (nn.Module,), {'forward': lambda self, x: x / 255 - 0.5})(),\n        nn.Conv2d(3, 64"),),
          ((_K_INPUT, _K_INPUT + "    given, image = image, layers.Rescaling(1 / 255, -0.5)(image)\n"), ("keras.Model(image,", "keras.Model(given,"))),
    Entry("wide_cifar_net", "cifar_resnet", "16 channels", ((C_STEM, C_STEM.replace("16", "64")), ("nn.BatchNorm2d(16)", "nn.BatchNorm2d(64)"), ("stage(block, 16, 16,", "stage(block, 64, 64,"), ("stage(block, 16, 32,", "stage(block, 64, 128,"), ("stage(block, 32, 64,", "stage(block, 128, 256,"), ("nn.Linear(64,", "nn.Linear(256,")),
          ((C_CONV, C_CONV.replace("16", "64")), ("block, 16, count", "block, 64, count"), ("block, 32, count", "block, 128, count"), ("block, 64, count, stride=2", "block, 256, count, stride=2"))),
    Entry("cifar_stem_without_relu", "cifar_resnet", "no ReLU after the first BatchNorm", (("        nn.BatchNorm2d(16),\n        nn.ReLU(),\n", "        nn.BatchNorm2d(16),\n"),), ((K_NORM + K_RELU, K_NORM),), "no_stem_relu"),
    Entry("cifar_stem_without_norm", "cifar_resnet", "no BatchNorm in the stem", (("        nn.BatchNorm2d(16),\n", ""),), ((K_NORM, ""),), "no_stem_norm"),
    Entry("cifar_first_stage_strided", "cifar_resnet", "the first stage halves the map too", (("16, 16, count, stride=1", "16, 16, count, stride=2"),), (("16, count, stride=1", "16, count, stride=2"),), "first_stage_strided"),
    Entry("cifar_stages_unstrided", "cifar_resnet", "no stage halves the map", (("count, stride=2", "count, stride=1"),), (("count, stride=2", "count, stride=1"),), "no_stage_strided"),
    Entry("cifar_two_stages", "cifar_resnet", "stage 3", (("        stage(block, 32, 64, count, stride=2),\n", ""), ("nn.Linear(64,", "nn.Linear(32,")), (("    x = stage(x, block, 64, count, stride=2)\n", ""),)),
    Entry("cifar_softmax", "cifar_resnet", "a softmax after", (("nn.Linear(64, num_classes),\n", "nn.Linear(64, num_classes),\n        nn.Softmax(dim=1),\n"),), (("layers.Dense(num_classes)(x)", 'layers.Dense(num_classes, activation="softmax")(x)'),), "softmax_at_the_end"),
    Entry("hundred_classes_by_default", "cifar_resnet", "num_classes=10 by default", (("num_classes=10)", "num_classes=100)"),), (("num_classes=10,", "num_classes=100,"),), requests=2),
    Entry("plain_block_without_last_relu", "cifar_plain", "conv1 of block", (("return F.relu(self.bn2(self.conv2(x)))", "return self.bn2(self.conv2(x))"),), (("    x = layers.BatchNormalization()(x)\n    return layers.ReLU()(x)\n", "    return layers.BatchNormalization()(x)\n"),)),
    Entry("plain_stride_on_second", "cifar_plain", "stride", (("nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1, bias=False)", "nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)"), ("nn.Conv2d(channels, channels, 3, padding=1, bias=False)", "nn.Conv2d(channels, channels, 3, stride=stride, padding=1, bias=False)")),
          (('layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)', "STRIDED"), ('layers.Conv2D(channels, 3, padding="same", use_bias=False)', 'layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)'), ("STRIDED", 'layers.Conv2D(channels, 3, padding="same", use_bias=False)'))),
    Entry("plain_of_one_convolution", "cifar_plain", "conv2 of block", (("        return F.relu(self.bn2(self.conv2(x)))", "        return x"),), (("    x = layers.ReLU()(x)\n    x = layers.Conv2D(channels, 3, padding=\"same\", use_bias=False)(x)\n    x = layers.BatchNormalization()(x)\n", ""),)),
)  # fmt: skip
