"""More honest variants: every clause of what is free, in other styles."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.a2_resnet.blocks import (
    K_CONV2,
    K_END,
    K_NORM,
    K_STRIDED,
    T_CONV2,
    T_END,
    T_FIRST,
    T_SECOND,
    T_STRIDED,
)
from tests.bank.a2_resnet.nets import C_STEM, K_CONV, K_DENSE, T_DENSE, option_a

_MARK = "# QUESTION basic_block\n"
_SHORTCUT = "        self.shortcut = nn.Identity()"
_BODY = f"{T_FIRST}\n        {T_SECOND}\n"
_POOLED = "        nn.AdaptiveAvgPool2d(1),\n        nn.Flatten(),\n        nn.Linear(512"
_K_NET = "    return keras.Model(image, layers.Dense(num_classes)(x))"
_CIFAR = "    return cifar_net(BasicBlock, depth, num_classes)"

_OWN_CONVOLUTION = (
    "class OwnConvolution(nn.Module):\n    def __init__(self, inputs, outputs, size, stride=1):\n        super().__init__()\n"
    "        self.bias = nn.Parameter(torch.zeros(outputs))\n        self.stride, self.padding = stride, size // 2\n"
    "        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size) * 0.05)\n\n"
    "    def forward(self, x):\n        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding)\n\n\n"
)
_FUNCTIONAL_NORM = (
    "class FunctionalNorm(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
    '        for name, value in (("mean", 0.0), ("var", 1.0)):\n            self.register_buffer(name, torch.full((width,), value))\n'
    "        self.beta = nn.Parameter(torch.zeros(width))\n        self.gamma = nn.Parameter(torch.ones(width))\n\n"
    "    def forward(self, x):\n        return F.batch_norm(x, self.mean, self.var, self.gamma, self.beta, self.training, 0.01, 1e-3)\n\n\n"
)
_PARTED_NORM = (
    "class PartedNorm(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
    "        self.norm = nn.BatchNorm2d(width, affine=False)\n        self.gamma = nn.Parameter(torch.ones(width, 1, 1))\n"
    "        self.beta = nn.Parameter(torch.zeros(width, 1, 1))\n\n"
    "    def forward(self, x):\n        return self.norm(x) * self.gamma + self.beta\n\n\n"
)
_K_OWN_CONVOLUTION = (
    "class OwnConvolution(layers.Layer):\n    def __init__(self, filters, size, strides=1):\n        super().__init__()\n"
    "        self.filters, self.size, self.strides = filters, size, strides\n\n"
    '    def build(self, shape):\n        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros")\n'
    "        self.kernel = self.add_weight(shape=(self.size, self.size, shape[-1], self.filters))\n\n"
    '    def call(self, x):\n        return keras.ops.conv(x, self.kernel, self.strides, "same") + self.bias\n\n\n'
)
_K_OWN_NORM = (
    "class OwnNorm(layers.Layer):\n    def build(self, shape):\n"
    '        self.beta = self.add_weight(shape=(shape[-1],), initializer="zeros")\n'
    '        self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones")\n'
    '        self.var = self.add_weight(shape=(shape[-1],), initializer="ones", trainable=False)\n'
    '        self.mean = self.add_weight(shape=(shape[-1],), initializer="zeros", trainable=False)\n\n'
    "    def call(self, x, training=None):\n        mean, var = self.mean, self.var\n        if training:\n"
    "            mean, var = keras.ops.moments(x, axes=(0, 1, 2))\n"
    "            self.mean.assign(0.8 * self.mean + 0.2 * mean)\n            self.var.assign(0.8 * self.var + 0.2 * var)\n"
    "        return keras.ops.batch_normalization(x, mean, var, -1, self.beta, self.gamma, 1e-4)\n\n\n"
)
_K_PARTED_NORM = (
    "class Stretch(layers.Layer):\n    def build(self, shape):\n"
    '        self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones")\n'
    '        self.beta = self.add_weight(shape=(shape[-1],), initializer="zeros")\n\n'
    "    def call(self, x):\n        return x * self.gamma + self.beta\n\n\n"
)
_WINDOWS = (
    "class Windows(nn.Module):\n    def __init__(self, inputs, outputs, size, stride=1):\n        super().__init__()\n"
    "        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size) * 0.05)\n"
    "        self.size, self.stride = size, stride\n\n"
    "    def forward(self, x):\n        x = F.pad(x, [self.size // 2] * 4) if self.size > 1 else x\n"
    "        x = x.unfold(2, self.size, self.stride).unfold(3, self.size, self.stride)\n"
    "        return torch.tensordot(x, self.weight, dims=([1, 4, 5], [1, 2, 3])).permute(0, 3, 1, 2)\n\n\n"
)
_BUILT = """
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner, self.head = keras.Model(image, x), layers.Dense(num_classes)

        def build(self, shape):
            self.built = True

        def call(self, images, training=None):
            return self.head(self.inner(images, training=training))

    net = Net()
    net.build((None, *input_shape))
    assert net.built and not net.head.built
    return net"""
_DATACLASS = (
    ("class BasicBlock(nn.Module):", "import dataclasses\n\n\n@dataclasses.dataclass(eq=False)\nclass BasicBlock(nn.Module):"),
    ("    expansion = 1  # the block gives this many times `channels`\n\n    def __init__(self, in_channels, channels, stride=1):\n",
     "    in_channels: int\n    channels: int\n    stride: int = 1\n    expansion = 1\n\n    def __post_init__(self):\n        in_channels, channels, stride = self.in_channels, self.channels, self.stride\n"),
)  # fmt: skip
_LAYER_BLOCK = (
    "class Body(layers.Layer):\n    def __init__(self, channels, stride):\n        super().__init__()\n"
    f"        self.a, self.b = {K_STRIDED}, {K_CONV2}\n        self.c, self.d = {K_NORM}, {K_NORM}\n\n"
    "    def call(self, x, training=None):\n        x = keras.ops.relu(self.c(self.a(x), training=training))\n"
    "        return self.d(self.b(x), training=training)\n\n\n"
)
_K_MAIN = f"    out = {K_STRIDED}(x)\n    out = {K_NORM}(out)\n    out = layers.ReLU()(out)\n    out = {K_CONV2}(out)\n    out = {K_NORM}(out)\n"
_T_LAYERS = (
    f"        self.conv1 = {T_STRIDED}\n        self.bn1 = nn.BatchNorm2d(channels)\n"
    f"        self.conv2 = {T_CONV2}\n        self.bn2 = nn.BatchNorm2d(channels)\n"
)


def dense_on_maps(name: str, torch: str, keras: str) -> Entry:
    """A CIFAR net with a dense layer that gets the maps themselves: of its products and means, the bias comes last."""
    pooled = "        nn.AdaptiveAvgPool2d(1),\n        nn.Flatten(),\n"
    return Entry(name, "cifar_resnet",
        torch=((f"{pooled}        nn.Linear(64, num_classes),", f"        type('OnMaps', (nn.Linear,), {{'forward': lambda self, x: {torch} + self.bias}})(64, num_classes),"),),
        keras=(("    x = layers.GlobalAveragePooling2D()(x)\n", ""),
               (K_DENSE, f"type('OnMaps', (layers.Dense,), {{'call': lambda self, x: {keras} + self.bias, 'compute_output_shape': lambda self, shape: (shape[0], self.units)}})(num_classes)(x)")),
    )  # fmt: skip


MORE = (
    Entry("sequential_body", "basic_block", torch=((_T_LAYERS, f"        self.body = nn.Sequential({T_STRIDED}, nn.BatchNorm2d(channels), nn.ReLU(inplace=True), {T_CONV2}, nn.BatchNorm2d(channels))\n"), (_BODY, "out = self.body(x)\n")),
          keras=((_K_MAIN, f"    out = keras.Sequential([{K_STRIDED}, {K_NORM}, layers.ReLU(), {K_CONV2}, {K_NORM}])(x)\n"),)),
    Entry("listed_body", "basic_block", torch=((_T_LAYERS, f"        self.parts = nn.ModuleList([nn.BatchNorm2d(channels), {T_CONV2}, nn.BatchNorm2d(channels), {T_STRIDED}])\n"), (_BODY, "out = self.parts[0](self.parts[1](F.relu(self.parts[2](self.parts[3](x)))))\n")),
          keras=((_MARK, _MARK + _LAYER_BLOCK), (_K_MAIN, "    out = Body(channels, stride)(x)\n"))),
    Entry("own_convolution", "basic_block", torch=((_MARK, _MARK + _OWN_CONVOLUTION), (T_STRIDED, "OwnConvolution(in_channels, channels, 3, stride)"), (T_CONV2, "OwnConvolution(channels, channels, 3)")),
          keras=((_MARK, _MARK + _K_OWN_CONVOLUTION), (K_STRIDED, "OwnConvolution(channels, 3, stride)"), (K_CONV2, "OwnConvolution(channels, 3)"))),
    Entry("functional_norm", "basic_block", torch=((_MARK, _MARK + _FUNCTIONAL_NORM), ("nn.BatchNorm2d(channels)", "FunctionalNorm(channels)")),
          keras=((_MARK, _MARK + _K_OWN_NORM), (K_NORM, "OwnNorm()"))),
    Entry("norm_in_two_parts", "basic_block", torch=((_MARK, _MARK + _PARTED_NORM), ("nn.BatchNorm2d(channels)", "PartedNorm(channels)")),
          keras=((_MARK, _MARK + _K_PARTED_NORM), (f"out = {K_NORM}(out)", "out = Stretch()(layers.BatchNormalization(center=False, scale=False)(out))"))),
    Entry("dataclass_block", "basic_block", torch=_DATACLASS, keras=(("def basic_block(x, channels, stride=1):", "from dataclasses import dataclass\n\n\n@dataclass\nclass Block:\n    channels: int\n    stride: int = 1\n\n    def __call__(self, x):\n        return _block(x, self.channels, self.stride)\n\n\ndef basic_block(x, channels: int, stride: int = 1):\n    return Block(channels, stride)(x)\n\n\ndef _block(x, channels, stride=1):"),)),
    Entry("block_by_closure", "basic_block", torch=(("# QUESTION basic_block\nclass BasicBlock(nn.Module):", "# QUESTION basic_block\nclass Hidden(nn.Module):"), ("        return F.relu(out + self.shortcut(x))\n        ### END SOLUTION\n", "        return F.relu(out + self.shortcut(x))\n        ### END SOLUTION\n\n\ndef factory():\n    def build(in_channels, channels, stride=1):\n        return Hidden(in_channels, channels, stride)\n\n    build.expansion = 1\n    return build\n\n\nBasicBlock = factory()\n")),
          keras=(("def basic_block(x, channels, stride=1):", "def factory():\n    return lambda x, channels, stride=1: hidden(x, channels, stride)\n\n\nbasic_block = factory()\n\n\ndef hidden(x, channels, stride=1):"),)),
    Entry("block_by_partial", "bottleneck", torch=(("# QUESTION bottleneck\nclass Bottleneck(nn.Module):", "# QUESTION bottleneck\nclass Wide(nn.Module):"), ("in_channels, channels, stride=1):", "grow, in_channels, channels, stride=1):"), ("out_channels = 4 * channels", "out_channels = grow * channels"), ("        return F.relu(out + self.shortcut(x))\n        ### END SOLUTION\n", "        return F.relu(out + self.shortcut(x))\n        ### END SOLUTION\n\n\nimport functools\n\nBottleneck = functools.partial(Wide, 4)\nBottleneck.expansion = 4\n")),
          keras=(("def bottleneck(x, channels, stride=1):", "def bottleneck(x, channels, stride=1):\n    return wide(x, channels, stride, grow=4)\n\n\ndef wide(x, channels, stride, grow):"), ("4 * channels", "grow * channels"))),
    Entry("block_by_method", "basic_block", torch=(("# QUESTION basic_block\nclass BasicBlock(nn.Module):", "# QUESTION basic_block\nclass Inner(nn.Module):"), ("        return F.relu(out + self.shortcut(x))\n        ### END SOLUTION\n", "        return F.relu(out + self.shortcut(x))\n        ### END SOLUTION\n\n\nclass Maker:\n    def block(self, in_channels, channels, stride=1):\n        return Inner(in_channels, channels, stride)\n\n    block.expansion = 1\n\n\nBasicBlock = Maker().block\n")),
          keras=(("def basic_block(x, channels, stride=1):", "class Maker:\n    @staticmethod\n    def block(x, channels, stride=1):\n        return inner(x, channels, stride)\n\n\nbasic_block = Maker.block\n\n\ndef inner(x, channels, stride=1):"),)),
    Entry("decorated_block", "basic_block", torch=(("class BasicBlock(nn.Module):", "def noted(cls):\n    cls.note = 'basic'\n    return cls\n\n\n@noted\nclass BasicBlock(nn.Module):"),),
          keras=(("def basic_block(x, channels, stride=1):", "import functools\n\n\ndef noted(function):\n    @functools.wraps(function)\n    def call(*args, **kwargs):\n        return function(*args, **kwargs)\n\n    return call\n\n\n@noted\ndef basic_block(x, channels, stride=1):"),)),
    Entry("type_hints", "basic_block", torch=(("in_channels, channels, stride=1):", "in_channels: int, channels: int, stride: int = 1) -> None:"), ("def forward(self, x):", "def forward(self, x: torch.Tensor) -> torch.Tensor:")),
          keras=(("def basic_block(x, channels, stride=1):", "def basic_block(x: keras.KerasTensor, channels: int, stride: int = 1) -> keras.KerasTensor:"),)),
    Entry("pairs_of_sizes", "basic_block", torch=((T_STRIDED, "nn.Conv2d(in_channels, channels, kernel_size=(3, 3), stride=(stride, stride), padding=(1, 1), bias=False)"),), keras=((K_STRIDED, 'layers.Conv2D(filters=channels, kernel_size=(3, 3), strides=(stride, stride), padding="SAME", use_bias=False, data_format="channels_last")'),)),
    Entry("zeros_by_hand", "basic_block", torch=((T_STRIDED, T_STRIDED.replace("padding=1, ", "")), ("self.conv1(x)", "self.conv1(F.pad(x, (1, 1, 1, 1)))")),
          keras=((f"{K_CONV2}(out)", "layers.Conv2D(channels, 3, use_bias=False)(keras.ops.pad(out, [(0, 0), (1, 1), (1, 1), (0, 0)]))"),)),
    Entry("projection_by_dense", "basic_block", torch=(("nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)", "type('Dense', (nn.Linear,), {'forward': lambda self, x: F.linear(x[:, :, ::stride, ::stride].permute(0, 2, 3, 1), self.weight, self.bias).permute(0, 3, 1, 2)})(in_channels, channels)"),),
          keras=(("layers.Conv2D(channels, 1, strides=stride, use_bias=False)(x)", "layers.Dense(channels)(x[:, ::stride, ::stride])"),)),
    Entry("relu_by_mask", "basic_block", torch=((T_END, "out = out + self.shortcut(x)\n        return out * (out > 0)"),), keras=((K_END, "    out = out + shortcut\n    return keras.ops.where(out > 0, out, 0.0)"),)),
    Entry("relu_by_absolute_value", "bottleneck", torch=((T_END, "out = out + self.shortcut(x)\n        return (out + out.abs()) / 2"),), keras=((K_END, "    out = shortcut + out\n    return (out + keras.ops.abs(out)) * 0.5"),)),
    Entry("recomputed_in_the_backward_pass", "basic_block", torch=((_BODY, "from torch.utils.checkpoint import checkpoint\n\n        out = checkpoint(lambda x: self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))), x, use_reentrant=False)\n"),)),
    Entry("layers_from_a_dictionary", "basic_block", torch=((_SHORTCUT, f"        self.by_name = nn.ModuleDict({{'a': self.conv1, 'b': self.bn1}})\n{_SHORTCUT}"), (T_FIRST, "out = F.relu(self.by_name['b'](self.by_name['a'](x)))")),
          keras=((f"    out = {K_STRIDED}(x)\n", f"    made = {{'a': {K_STRIDED}}}\n    out = made['a'](x)\n"),)),
    Entry("initialised_by_hand", "basic_block", torch=((_SHORTCUT, f"        for part in self.modules():\n            if isinstance(part, nn.Conv2d):\n                nn.init.kaiming_normal_(part.weight, mode='fan_out', nonlinearity='relu')\n{_SHORTCUT}"),),
          keras=((", use_bias=False", ', use_bias=False, kernel_initializer="he_normal", kernel_regularizer=keras.regularizers.L2(1e-4)'),)),
    Entry("training_given_while_building", "basic_block", torch=(("def forward(self, x):", "def forward(self, x, *, verbose=False):"),), keras=((f"out = {K_NORM}(out)", f"out = {K_NORM}(out, training=True)"),)),
    Entry("shortcut_by_lambda", "basic_block", torch=((_SHORTCUT, "        self.shortcut = lambda x: x"),), keras=(("    shortcut = x\n", "    shortcut = layers.Identity()(x)\n"),)),
    Entry("shortcut_or_none", "basic_block", torch=((_SHORTCUT, "        self.shortcut = None"), (T_END, "skip = x if self.shortcut is None else self.shortcut(x)\n        return torch.relu_(out.add_(skip))")), keras=((K_END, "    return keras.activations.relu(keras.ops.sum(keras.ops.stack([out, shortcut]), axis=0))"),)),
    Entry("written_out_stages", "resnet", torch=(("    blocks = [block(in_channels, channels, stride)]\n", "    blocks = [block(in_channels, channels, stride), block(block.expansion * channels, channels)]\n"), ("range(count - 1)", "range(count - 2)")), keras=(("    x = block(x, channels, stride)\n", "    x = block(x, channels, stride)\n    x = block(x, channels)\n"), ("range(count - 1)", "range(count - 2)"))),
    Entry("net_as_a_class", "resnet", torch=(("    return nn.Sequential(\n        nn.Conv2d(3, 64", "    return Net(\n        nn.Conv2d(3, 64"), ("def resnet(", "class Net(nn.Module):\n    def __init__(self, *parts):\n        super().__init__()\n        self.parts = nn.ModuleList(parts[::-1])\n\n    def forward(self, x):\n        for part in reversed(self.parts):\n            x = part(x)\n        return x\n\n\ndef resnet(")),
          keras=((_K_NET, '    class Net(keras.Model):\n        def __init__(self):\n            super().__init__(name="réseau")\n            self.inner, self.head = keras.Model(image, x), layers.Dense(num_classes)\n\n        def call(self, images, training=None):\n            return self.head(self.inner(images, training=training))\n\n    return Net()'),)),
    Entry("lazy_net", "resnet", torch=(("nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)", "nn.LazyConv2d(64, 7, 2, 3)"), ("nn.BatchNorm2d(64)", "nn.LazyBatchNorm2d()"), (T_DENSE, "nn.LazyLinear(num_classes)")), keras=((K_CONV, '    x = layers.ZeroPadding2D(3)(image)\n    x = layers.Conv2D(64, 7, 2)(x)\n'),)),
    Entry("flattened_by_reshape", "resnet", torch=((_POOLED, "        nn.AdaptiveAvgPool2d((1, 1)),\n        type('Rows', (nn.Module,), {'forward': lambda self, x: x.reshape(len(x), -1)})(),\n        nn.Linear(512"),), keras=(("layers.GlobalAveragePooling2D()(x)", "layers.Reshape((x.shape[-1],))(layers.GlobalAveragePooling2D(keepdims=True)(x))"),)),
    Entry("flattened_by_index", "resnet", torch=((_POOLED, "        nn.AdaptiveAvgPool2d(1),\n        type('First', (nn.Module,), {'forward': lambda self, x: x[:, :, 0, 0]})(),\n        nn.Linear(512"),), keras=(("layers.GlobalAveragePooling2D()(x)", "layers.Flatten()(layers.AveragePooling2D(x.shape[1:3])(x))"),)),
    Entry("pooled_axis_by_axis", "resnet", torch=((_POOLED, "        type('Mean', (nn.Module,), {'forward': lambda self, x: x.mean(3).mean(2)})(),\n        nn.Linear(512"),), keras=(("layers.GlobalAveragePooling2D()(x)", "layers.Lambda(lambda t: keras.ops.mean(keras.ops.mean(t, axis=1), axis=1))(x)"),)),
    Entry("pooled_by_size", "resnet", torch=((_POOLED, "        type('Mean', (nn.Module,), {'forward': lambda self, x: F.avg_pool2d(x, x.shape[2:]).flatten(1)})(),\n        nn.Linear(512"),), keras=(("layers.GlobalAveragePooling2D()(x)", "keras.ops.sum(x, axis=(1, 2)) / (x.shape[1] * x.shape[2])"),)),
    Entry("dense_before_the_mean", "resnet", torch=((_POOLED + " * block.expansion, num_classes),\n", "        nn.Conv2d(512 * block.expansion, num_classes, 1),\n        nn.AdaptiveAvgPool2d(1),\n        nn.Flatten(),\n"),), keras=((_K_NET, "    return keras.Model(image, layers.GlobalAveragePooling2D()(x_map))"), ("    x = layers.GlobalAveragePooling2D()(x)\n", "    x_map = layers.Dense(num_classes)(x)\n"))),
    Entry("max_pool_before_the_relu", "resnet", torch=(("        nn.ReLU(),\n        nn.MaxPool2d(3, stride=2, padding=1),\n", "        nn.MaxPool2d(3, stride=2, padding=1),\n        nn.ReLU(),\n"),), keras=(('    x = layers.ReLU()(x)\n    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)\n', '    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)\n    x = layers.ReLU()(x)\n'),)),
    Entry("net_in_parts", "resnet", torch=(("    return nn.Sequential(\n        nn.Conv2d(3, 64", "    return (lambda *parts: nn.Sequential(nn.Sequential(*parts[:5]), nn.Sequential(*parts[5:])))(\n        nn.Conv2d(3, 64"),), keras=((_K_NET, "    features = keras.Model(image, x)\n    return keras.Sequential([features, layers.Dense(num_classes)])"),)),
    Entry("fixed_pool_of_8", "cifar_resnet", torch=(("nn.AdaptiveAvgPool2d(1)", "nn.AvgPool2d(8)"),), keras=(("layers.GlobalAveragePooling2D()(x)", "layers.Flatten()(layers.AveragePooling2D(8)(x))"),)),
    Entry("dense_by_products_and_a_sum", "cifar_resnet",
          torch=(("nn.Linear(64, num_classes),", "type('Summed', (nn.Linear,), {'forward': lambda self, x: (x[:, None, :] * self.weight[None]).sum(-1) + self.bias})(64, num_classes),"),),
          keras=((K_DENSE, "type('Summed', (layers.Dense,), {'call': lambda self, x: keras.ops.sum(x[:, None, :] * keras.ops.transpose(self.kernel)[None], axis=-1) + self.bias})(num_classes)(x)"),)),
    dense_on_maps("dense_of_the_sum", "torch.einsum('nchw,kc->nk', x, self.weight) / x[0, 0].numel()", "keras.ops.einsum('nhwc,ck->nk', x, self.kernel) / 64"),
    dense_on_maps("dense_on_each_pixel", "(x.permute(0, 2, 3, 1) @ self.weight.T).mean((1, 2))", "keras.ops.mean(x @ self.kernel, axis=(1, 2))"),
    dense_on_maps("dense_on_each_pixel_by_pooling", "F.adaptive_avg_pool2d(F.conv2d(x, self.weight[:, :, None, None]), 1).flatten(1)", "keras.ops.average_pool(x @ self.kernel, 8)[:, 0, 0]"),
    Entry("dense_image_by_image", "cifar_resnet",
          torch=(("        nn.AdaptiveAvgPool2d(1),\n        nn.Flatten(),\n        nn.Linear(64, num_classes),", "        type('EachImage', (nn.Linear,), {'forward': lambda self, x: torch.stack([F.linear(image.mean((1, 2)), self.weight, self.bias) for image in x])})(64, num_classes),"),)),
    Entry("windows_of_one_pixel", "bottleneck",
          torch=(("# QUESTION bottleneck\n", f"# QUESTION bottleneck\n{_WINDOWS}"), ("nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)", "Windows(in_channels, channels, 1, stride)"),
                 (T_CONV2, "Windows(channels, channels, 3)"))),
    Entry("net_built_but_for_its_head", "cifar_resnet", keras=((_K_NET, _BUILT),)),
    Entry("named_parts", "cifar_resnet", torch=((C_STEM, "nn.Conv2d(3, 16, kernel_size=3, stride=1, padding='same', dilation=1, groups=1, bias=True, padding_mode='zeros')"),), keras=((K_DENSE, 'layers.Dense(num_classes, name="logits", activation=None, dtype="float32")(x)'),)),
    Entry("net_by_generator", "cifar_resnet", torch=((_CIFAR, "    def parts():\n        yield from cifar_net(BasicBlock, depth, num_classes)\n\n    return nn.Sequential(*parts())"),), keras=(("    return cifar_net(basic_block, depth, num_classes, input_shape)", "    model = cifar_net(basic_block, depth, num_classes, input_shape)\n    return keras.Model(model.inputs, model.outputs[0])"),)),
    option_a("option_a_by_cat", "torch.cat([x[:, :, ::2, ::2], torch.zeros_like(x[:, :, ::2, ::2])], 1)[:, : x.shape[1]]", "x[:, ::2, ::2]"),
    option_a("option_a_by_interpolation", "F.interpolate(x, scale_factor=0.5)", "layers.Cropping2D(0)(x)[:, ::2, ::2]"),
    Entry("plain_twin_of_the_block", "cifar_plain", torch=(("x = F.relu(self.bn1(self.conv1(x)))", "x = self.bn1(self.conv1(x)).clamp_(min=0)"),), keras=(("    x = layers.ReLU()(x)\n", '    x = layers.Activation("relu")(x)\n'),)),
)  # fmt: skip
