"""ResNets for ImageNet and for CIFAR-10, and their plain twins, in Keras.

Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2015, arXiv:1512.03385.
Shapes: `n` images, `h` rows, `w` columns, `c` channels. Every model returns logits.
Layers are named as in keras.applications. Padding, epsilon and momentum are PyTorch's, so both references agree.
"""

from collections.abc import Callable, Sequence

import keras
from keras import layers, ops

Shape = tuple[int, int, int]
Tensor = keras.KerasTensor


def convolution(x: Tensor, channels: int, kernel: int, stride: int = 1, name: str | None = None) -> Tensor:
    """A zero-padded convolution and its BatchNorm, which makes a bias pointless."""
    if kernel > 1:
        # `padding="same"` would pad an even image on one side alone when it strides.
        x = layers.ZeroPadding2D(kernel // 2, name=_part(name, "pad"))(x)
    # Normal with variance 2 / fan-out (He et al. 2015, arXiv:1502.01852).
    he_normal = keras.initializers.VarianceScaling(2.0, mode="fan_out", distribution="untruncated_normal")
    x = layers.Conv2D(
        channels, kernel, strides=stride, use_bias=False, kernel_initializer=he_normal, name=_part(name, "conv")
    )(x)
    return layers.BatchNormalization(epsilon=1e-5, momentum=0.9, name=_part(name, "bn"))(x)


def projection(x: Tensor, channels: int, stride: int, name: str | None = None) -> Tensor:
    """The shortcut of option B (section 3.3): the identity where shapes agree, else a 1x1 convolution."""
    if stride == 1 and x.shape[-1] == channels:
        return x
    return convolution(x, channels, 1, stride, name=name)


def zero_padding(x: Tensor, channels: int, stride: int, name: str | None = None) -> Tensor:
    """The shortcut of option A, without parameters: every `stride`-th pixel, and zeros for the missing channels."""
    x = x[:, ::stride, ::stride, :]
    return ops.pad(x, ((0, 0), (0, 0), (0, 0), (0, channels - x.shape[-1])))


def basic_block(
    x: Tensor, channels: int, stride: int = 1, name: str | None = None, shortcut: Callable = projection
) -> Tensor:
    """relu(F(x) + shortcut(x)), where F is two 3x3 convolutions (Figure 5, left).

    (n, h, w, c) -> (n, h / stride, w / stride, channels).
    """
    out = convolution(x, channels, 3, stride, name=_part(name, "1"))
    out = layers.ReLU(name=_part(name, "1_relu"))(out)
    out = convolution(out, channels, 3, name=_part(name, "2"))
    out = layers.Add(name=_part(name, "add"))([out, shortcut(x, channels, stride, name=_part(name, "0"))])
    return layers.ReLU(name=_part(name, "out"))(out)


def padded_block(x: Tensor, channels: int, stride: int = 1, name: str | None = None) -> Tensor:
    """The basic block with the shortcut of option A, as the paper's CIFAR-10 nets have it (section 4.2)."""
    return basic_block(x, channels, stride, name, zero_padding)


def bottleneck(
    x: Tensor, channels: int, stride: int = 1, name: str | None = None, shortcut: Callable = projection
) -> Tensor:
    """relu(F(x) + shortcut(x)), where F narrows, convolves and widens: 1x1, 3x3, 1x1 (Figure 5, right).

    (n, h, w, c) -> (n, h / stride, w / stride, 4 * channels).
    """
    out = convolution(x, channels, 1, name=_part(name, "1"))
    out = layers.ReLU(name=_part(name, "1_relu"))(out)
    # The paper strides in the 1x1 before, which never looks at three pixels of four; today's libraries stride here.
    out = convolution(out, channels, 3, stride, name=_part(name, "2"))
    out = layers.ReLU(name=_part(name, "2_relu"))(out)
    out = convolution(out, 4 * channels, 1, name=_part(name, "3"))
    out = layers.Add(name=_part(name, "add"))([out, shortcut(x, 4 * channels, stride, name=_part(name, "0"))])
    return layers.ReLU(name=_part(name, "out"))(out)


def plain_block(x: Tensor, channels: int, stride: int = 1, name: str | None = None) -> Tensor:
    """The basic block without its shortcut: the net has to learn the whole mapping (section 3.3, "Plain Network")."""
    out = convolution(x, channels, 3, stride, name=_part(name, "1"))
    out = layers.ReLU(name=_part(name, "1_relu"))(out)
    out = convolution(out, channels, 3, name=_part(name, "2"))
    return layers.ReLU(name=_part(name, "out"))(out)


def stage(x: Tensor, block: Callable, channels: int, count: int, stride: int, name: str) -> Tensor:
    """`count` blocks of equal width, of which the first strides."""
    for index in range(count):
        x = block(x, channels, stride if index == 0 else 1, name=f"{name}_block{index + 1}")
    return x


# Table 1: the block, and how many of it in conv2_x, conv3_x, conv4_x and conv5_x.
VARIANTS = {
    18: (basic_block, (2, 2, 2, 2)),
    34: (basic_block, (3, 4, 6, 3)),
    50: (bottleneck, (3, 4, 6, 3)),
    101: (bottleneck, (3, 4, 23, 3)),
    152: (bottleneck, (3, 8, 36, 3)),
}


def resnet(depth: int, num_classes: int = 1000, input_shape: Shape = (224, 224, 3)) -> keras.Model:
    """The ResNet of Table 1 with `depth` layers: (n, h, w, 3) -> (n, num_classes); raises ValueError."""
    if depth not in VARIANTS:
        raise ValueError(f"depth must be one of {list(VARIANTS)}, got {depth}")
    image = keras.Input(input_shape)
    x = convolution(image, 64, 7, stride=2, name="conv1")
    x = layers.ReLU(name="conv1_relu")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)  # zeros are harmless: after a ReLU nothing is smaller
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    return _finish(image, x, *VARIANTS[depth], num_classes)


def cifar_resnet(
    depth: int, num_classes: int = 10, input_shape: Shape = (32, 32, 3), block: Callable = basic_block
) -> keras.Model:
    """The net of section 4.2 with 6n + 2 layers: (n, 32, 32, 3) -> (n, num_classes); raises ValueError.

    With `block=padded_block` it is the paper's own, to the parameter: 0.27 million in 20 layers.
    """
    count, rest = divmod(depth - 2, 6)
    if count < 1 or rest:
        raise ValueError(f"depth must be 6n + 2 for some n (20, 32, 44, 56, 110), got {depth}")
    image = keras.Input(input_shape)
    x = convolution(image, 16, 3, name="conv1")
    x = layers.ReLU(name="conv1_relu")(x)
    return _finish(image, x, block, (count, count, count), num_classes)


def cifar_plain(depth: int, num_classes: int = 10, input_shape: Shape = (32, 32, 3)) -> keras.Model:
    """The same net without shortcuts, which the paper compares it with; raises ValueError."""
    return cifar_resnet(depth, num_classes, input_shape, plain_block)


def _finish(image: Tensor, x: Tensor, block: Callable, blocks: Sequence[int], num_classes: int) -> keras.Model:
    """Stages that halve the image and double the channels, a global average pool and a dense layer."""
    first = x.shape[-1]
    for index, count in enumerate(blocks):
        x = stage(x, block, first * 2**index, count, 1 if index == 0 else 2, name=f"conv{index + 2}")
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(image, layers.Dense(num_classes, name="predictions")(x))


def _part(name: str | None, part: str) -> str | None:
    """The name of a part of a block; None leaves naming to Keras."""
    return name and f"{name}_{part}"
