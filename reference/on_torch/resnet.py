"""ResNets for ImageNet and for CIFAR-10, and their plain twins, in PyTorch.

Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2015, arXiv:1512.03385.
Shapes: `n` images, `c` channels, `h` rows, `w` columns. Every model returns logits.
Parameters are named as in torchvision, so `load_state_dict` takes torchvision's pretrained weights.
"""

from collections.abc import Callable, Sequence

from torch import Tensor, nn
from torch.nn import functional as F

Block = type[nn.Module]  # with an `expansion`: how many channels it gives for one that it was asked for
Shortcut = Callable[[int, int, int], nn.Module]


def convolution(in_channels: int, channels: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """A zero-padded convolution that keeps the size at stride 1; the BatchNorm behind it makes a bias pointless."""
    return nn.Conv2d(in_channels, channels, kernel, stride=stride, padding=kernel // 2, bias=False)


def projection(in_channels: int, channels: int, stride: int) -> nn.Module:
    """The shortcut of option B (section 3.3): the identity where shapes agree, else a 1x1 convolution."""
    if stride == 1 and in_channels == channels:
        return nn.Identity()
    return nn.Sequential(convolution(in_channels, channels, 1, stride), nn.BatchNorm2d(channels))


class ZeroPadding(nn.Module):
    """The shortcut of option A, without parameters: every `stride`-th pixel, and zeros for the missing channels."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.missing = channels - in_channels
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """(n, in_channels, h, w) -> (n, channels, h / stride, w / stride)."""
        x = x[:, :, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, 0, self.missing))  # the last pair pads the channels


class BasicBlock(nn.Module):
    """relu(F(x) + shortcut(x)), where F is two 3x3 convolutions (Figure 5, left)."""

    expansion = 1

    def __init__(self, in_channels: int, channels: int, stride: int = 1, shortcut: Shortcut = projection) -> None:
        super().__init__()
        self.conv1 = convolution(in_channels, channels, 3, stride)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = convolution(channels, channels, 3)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = shortcut(in_channels, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(n, in_channels, h, w) -> (n, channels, h / stride, w / stride)."""
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.downsample(x))


class PaddedBlock(BasicBlock):
    """The basic block with the shortcut of option A, as the paper's CIFAR-10 nets have it (section 4.2)."""

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__(in_channels, channels, stride, ZeroPadding)


class Bottleneck(nn.Module):
    """relu(F(x) + shortcut(x)), where F narrows, convolves and widens: 1x1, 3x3, 1x1 (Figure 5, right)."""

    expansion = 4

    def __init__(self, in_channels: int, channels: int, stride: int = 1, shortcut: Shortcut = projection) -> None:
        super().__init__()
        out_channels = self.expansion * channels
        self.conv1 = convolution(in_channels, channels, 1)
        self.bn1 = nn.BatchNorm2d(channels)
        # The paper strides in the 1x1 before, which never looks at three pixels of four; today's libraries stride here.
        self.conv2 = convolution(channels, channels, 3, stride)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = convolution(channels, out_channels, 1)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.downsample = shortcut(in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(n, in_channels, h, w) -> (n, 4 * channels, h / stride, w / stride)."""
        out = F.relu(self.bn1(self.conv1(x)))
        out = F.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return F.relu(out + self.downsample(x))


class PlainBlock(nn.Sequential):
    """The basic block without its shortcut: the net has to learn the whole mapping (section 3.3, "Plain Network")."""

    expansion = 1

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__(
            convolution(in_channels, channels, 3, stride),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            convolution(channels, channels, 3),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        )


class ResNet(nn.Sequential):
    """A stem, stages that halve the image and double the channels, a global average pool and a dense layer."""

    def __init__(self, stem: Sequence[nn.Module], block: Block, blocks: Sequence[int], num_classes: int) -> None:
        super().__init__()
        for name, layer in zip(("conv1", "bn1", "relu", "maxpool"), stem, strict=False):
            self.add_module(name, layer)
        first = in_channels = self.conv1.out_channels
        for index, count in enumerate(blocks):
            channels = first * 2**index
            self.add_module(f"layer{index + 1}", stage(block, in_channels, channels, count, 1 if index == 0 else 2))
            in_channels = block.expansion * channels
        self.avgpool = nn.AdaptiveAvgPool2d(1)  # whatever the size of the image
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(in_channels, num_classes)
        initialise(self)


def stage(block: Block, in_channels: int, channels: int, count: int, stride: int) -> nn.Sequential:
    """`count` blocks of equal width, of which the first strides."""
    first = block(in_channels, channels, stride)
    rest = [block(block.expansion * channels, channels) for _ in range(count - 1)]
    return nn.Sequential(first, *rest)


def initialise(model: nn.Module) -> None:
    """Draw every convolution from a normal distribution of variance 2 / fan-out (He et al. 2015, arXiv:1502.01852)."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")


# Table 1: the block, and how many of it in conv2_x, conv3_x, conv4_x and conv5_x.
VARIANTS = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}


def resnet(depth: int, num_classes: int = 1000) -> ResNet:
    """The ResNet of Table 1 with `depth` layers: (n, 3, h, w) -> (n, num_classes); raises ValueError."""
    if depth not in VARIANTS:
        raise ValueError(f"depth must be one of {list(VARIANTS)}, got {depth}")
    stem = (convolution(3, 64, 7, stride=2), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1))
    return ResNet(stem, *VARIANTS[depth], num_classes)


def cifar_resnet(depth: int, num_classes: int = 10, block: Block = BasicBlock) -> ResNet:
    """The net of section 4.2 with 6n + 2 layers: (n, 3, 32, 32) -> (n, num_classes); raises ValueError.

    With `block=PaddedBlock` it is the paper's own, to the parameter: 0.27 million in 20 layers.
    """
    count, rest = divmod(depth - 2, 6)
    if count < 1 or rest:
        raise ValueError(f"depth must be 6n + 2 for some n (20, 32, 44, 56, 110), got {depth}")
    stem = (convolution(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU())
    return ResNet(stem, block, (count, count, count), num_classes)


def cifar_plain(depth: int, num_classes: int = 10) -> ResNet:
    """The same net without shortcuts, which the paper compares it with; raises ValueError."""
    return cifar_resnet(depth, num_classes, PlainBlock)
