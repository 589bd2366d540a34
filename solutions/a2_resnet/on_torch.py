# %% [markdown]
# # ResNet from scratch, in PyTorch
#
# You build the residual networks of He, Zhang, Ren and Sun, *Deep Residual Learning for Image Recognition* (2015,
# [arXiv:1512.03385](https://arxiv.org/abs/1512.03385); "the paper" below): two blocks, the five ImageNet nets with 18
# to 152 layers, and the small nets for CIFAR-10 together with their plain twins.
#
# Work from top to bottom. Replace each `raise NotImplementedError` by your own code and run the check below it as
# often as you like: it shows what is right, and what was expected where something isn't. Use basic layers only
# (`nn.Conv2d`, `nn.BatchNorm2d`, `nn.Linear`, pools, activations, padding), no ready-made network. Names of layers,
# helper functions and style are yours; what is computed is not.
#
# Every model returns **logits**. The paper's figures and the course's slides end in a softmax; here it belongs to the
# loss (`nn.CrossEntropyLoss`), which computes it more exactly.
#
# *The course and its slides are by Dr Kien Nguyen (QUT).*

# %%
# SETUP

# %%
import torch
from torch import nn
from torch.nn import functional as F

import grader

# %% [markdown]
# ## 1. Why plain nets degrade
#
# More layers can express more, and with BatchNorm after each convolution their signals no longer vanish. Yet a plain
# stack of 56 layers has a higher **training** error on CIFAR-10 than one of 20 (section 1, Figure 1), and the same
# happens on ImageNet between 18 and 34 layers (section 4.1, Figure 4, left). It isn't overfitting: the deeper net
# does worse on the very images that it learns from.
#
# It can't be a lack of power either. Take the trained net of 20 layers and add 36 that hand on what they get: 56
# layers, the same error. Such a solution exists, and gradient descent doesn't find it. A stack of convolutions,
# BatchNorms and ReLUs finds "change nothing" hard to learn. The paper calls this the *degradation problem*.

# %% [markdown]
# ## 2. The residual mapping and its two shortcuts
#
# If "change nothing" is hard to learn, make it the starting point. Let $x$ enter some layers that ought to compute
# $H(x)$. Have them compute only the difference $F(x) = H(x) - x$, and add $x$ again behind them (section 3.1, Figure
# 2):
#
# $$y = \mathrm{ReLU}(F(x) + x)$$
#
# To change nothing, the layers push $F$ to zero, which is easy. And $x$ reaches the output untouched, as its gradient
# reaches $x$ on the way back: no depth can weaken either.
#
# In the **basic block** $F$ is *3x3 convolution, BatchNorm, ReLU, 3x3 convolution, BatchNorm* (Figure 5, left). There
# is no ReLU between the last BatchNorm and the addition, since $F$ must be able to subtract too; the one after the
# addition belongs to the block. A 3x3 convolution with one pixel of zeros on every side keeps height and width. With
# `stride=2`, on the first convolution, the block halves them (an odd size is rounded up).
#
# An addition needs two equal shapes, so there are two **shortcuts** (section 3.2, equations 1 and 2):
#
# - the **identity**, where shapes agree. It has no parameters and is what keeps the signal whole;
# - a **projection**, where the stride or the number of channels changes, each of them alone too: a 1x1 convolution
#   with the same stride, and its BatchNorm (section 3.3, option B).
#
# Images have the shape (n, c, h, w). Create the layers in `__init__`, so that the model knows their parameters (a
# Python list hides them: use `nn.Sequential` or `nn.ModuleList`), and apply them in `forward`. Don't change `x` in
# place: the shortcut still needs it.


# %%
# QUESTION basic_block
class BasicBlock(nn.Module):
    """The residual block of two 3x3 convolutions.

    (n, in_channels, h, w) -> (n, channels, h / stride, w / stride)
    """

    expansion = 1  # the block gives this many times `channels`

    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(channels),
            )
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.shortcut(x))
        ### END SOLUTION


# %%
grader.check("basic_block")

# %% [markdown]
# Try a block out: a stride of 2 on an odd size, and more channels.

# %%
if not grader.grading:
    block = BasicBlock(16, 32, stride=2)
    print(block(torch.randn(4, 16, 33, 25)).shape)  # expected: 4, 32, 17, 13

# %% [markdown]
# ## 3. The bottleneck
#
# Two 3x3 convolutions are dear where there are many channels: 3 * 3 * 256 * 256 weights each. The **bottleneck**
# (section 4.1, Figure 5, right) narrows first: a 1x1 convolution down to `channels`, the 3x3 convolution there, and a
# 1x1 convolution up to `4 * channels`. BatchNorm follows each of the three, ReLU the first two; the third ReLU comes
# after the addition. Seen from outside, 256 channels go in and 256 come out, for about 70 thousand weights in place
# of 1.2 million.
#
# The output has four times as many channels as `channels` says, and so the shortcut must be a projection in the first
# bottleneck of a net even at stride 1: 64 channels enter it and 256 leave.
#
# Where does the stride go? In the paper on the first 1x1 convolution. Today's libraries put it on the 3x3, which sees
# every pixel then ("ResNet v1.5"), for a few more multiply-adds. Both are right here.


# %%
# QUESTION bottleneck
class Bottleneck(nn.Module):
    """The residual block 1x1, 3x3, 1x1.

    (n, in_channels, h, w) -> (n, 4 * channels, h / stride, w / stride)
    """

    expansion = 4  # the block gives this many times `channels`

    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        ### BEGIN SOLUTION
        out_channels = 4 * channels
        self.conv1 = nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        out = F.relu(self.bn1(self.conv1(x)))
        out = F.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return F.relu(out + self.shortcut(x))
        ### END SOLUTION


# %%
grader.check("bottleneck")

# %% [markdown]
# ## 4. Stages, and the table of variants
#
# A ResNet is a **stem**, four **stages** of blocks and a classifier (section 3.3; Table 1). The stem is a 7x7
# convolution with 64 channels and stride 2 (three pixels of zeros on every side), BatchNorm, ReLU, and a 3x3 max pool
# with stride 2 (one pixel). In each later stage the first block halves height and width while the channels double, so
# that every stage costs about the same. The first stage keeps its size: the max pool has just halved it. A global
# average pool turns maps of any size into one number per channel, and one dense layer turns these into logits.
#
# | layers | block | blocks per stage | multiply-adds | parameters |
# |---|---|---|---|---|
# | 18 | basic | 2, 2, 2, 2 | 1.8 billion | 11.7 million |
# | 34 | basic | 3, 4, 6, 3 | 3.6 billion | 21.8 million |
# | 50 | bottleneck | 3, 4, 6, 3 | 3.8 billion | 25.6 million |
# | 101 | bottleneck | 3, 4, 23, 3 | 7.6 billion | 44.5 million |
# | 152 | bottleneck | 3, 8, 36, 3 | 11.3 billion | 60.2 million |
#
# The stages have 64, 128, 256 and 512 `channels` (a bottleneck gives four times that), and at 224x224 their maps have
# 56, 28, 14 and 7 pixels a side. The name counts the layers with weights, without projections: 50 = 1 + 3 * (3 + 4 +
# 6 + 3) + 1. The multiply-adds are the paper's; with the stride on the 3x3, ResNet-50 takes 4.1 billion.
#
# Any image from 32x32 up must do, one image alone too, and not only square ones.


# %%
# QUESTION resnet
def stage(block, in_channels, channels, count, stride):
    """`count` blocks in a row, the first with `stride` and the others with 1, as one module."""
    ### BEGIN SOLUTION
    blocks = [block(in_channels, channels, stride)]
    for _ in range(count - 1):
        blocks.append(block(block.expansion * channels, channels))
    return nn.Sequential(*blocks)
    ### END SOLUTION


def resnet(depth, num_classes=1000):
    """The ResNet with `depth` layers (18, 34, 50, 101 or 152).

    (n, 3, h, w) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    block, counts = {
        18: (BasicBlock, [2, 2, 2, 2]),
        34: (BasicBlock, [3, 4, 6, 3]),
        50: (Bottleneck, [3, 4, 6, 3]),
        101: (Bottleneck, [3, 4, 23, 3]),
        152: (Bottleneck, [3, 8, 36, 3]),
    }[depth]
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
        stage(block, 64, 64, counts[0], stride=1),
        stage(block, 64 * block.expansion, 128, counts[1], stride=2),
        stage(block, 128 * block.expansion, 256, counts[2], stride=2),
        stage(block, 256 * block.expansion, 512, counts[3], stride=2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(512 * block.expansion, num_classes),
    )
    ### END SOLUTION


# %%
grader.check("resnet")

# %% [markdown]
# Count what you have built and compare it with the table.


# %%
def count_parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


if not grader.grading:
    for depth in (18, 34, 50, 101, 152):
        print(f"ResNet-{depth:<4} {count_parameters(resnet(depth)):>11,} parameters")

# %% [markdown]
# ## 5. Small nets for small images
#
# Images of CIFAR-10 are 32x32: the stem above would leave 8x8 pixels before the first block. Section 4.2 of the paper
# uses a thinner family. A 3x3 convolution with 16 channels at stride 1, BatchNorm, ReLU and **no** max pool; three
# stages of $n$ basic blocks with 16, 32 and 64 channels on maps of 32, 16 and 8 pixels (the last two stages halve in
# their first block); a global average pool and a dense layer. That makes $6n + 2$ layers with weights: 20, 32, 44, 56
# and 110 for $n$ = 3, 5, 7, 9, 18. With ResNet-20 the paper reaches 8.75 % test error, with ResNet-110 6.43 % (Table
# 6).
#
# Where the shape changes, the paper takes **option A** in these nets: every second pixel of $x$, and zeros for the
# channels that are missing, without a single parameter. Your own basic block with its projection is just as right.


# %%
# QUESTION cifar_resnet
def cifar_net(block, depth, num_classes):
    """The net of section 4.2 made of any block with `expansion` 1, for both questions.

    (n, 3, 32, 32) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    count = (depth - 2) // 6
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        stage(block, 16, 16, count, stride=1),
        stage(block, 16, 32, count, stride=2),
        stage(block, 32, 64, count, stride=2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, num_classes),
    )
    ### END SOLUTION


def cifar_resnet(depth, num_classes=10):
    """The residual net with `depth` = 6n + 2 layers.

    (n, 3, 32, 32) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    return cifar_net(BasicBlock, depth, num_classes)
    ### END SOLUTION


# %%
grader.check("cifar_resnet")

# %% [markdown]
# ## 6. The plain twin
#
# Now take away what you have put in. The plain net is the same net, layer by layer, without shortcuts: each block is
# *convolution, BatchNorm, ReLU, convolution, BatchNorm, ReLU*. The paper trains both families in the same way: the
# plain ones get worse from 20 to 56 layers, the residual ones get better (Figure 6). As option A has no parameters,
# twins with it differ in the shortcut alone, and nothing else can explain the difference. In the next assignment you
# see it happen.


# %%
# QUESTION cifar_plain
class PlainBlock(nn.Module):
    """The basic block without its shortcut.

    (n, in_channels, h, w) -> (n, channels, h / stride, w / stride)
    """

    expansion = 1

    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        x = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(x)))
        ### END SOLUTION


def cifar_plain(depth, num_classes=10):
    """The plain net with `depth` = 6n + 2 layers.

    (n, 3, 32, 32) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    return cifar_net(PlainBlock, depth, num_classes)
    ### END SOLUTION


# %%
grader.check("cifar_plain")

# %% [markdown]
# Compare the twins: the same depth, and almost the same number of parameters.

# %%
if not grader.grading:
    print("depth   residual      plain")
    for depth in (20, 56):
        pair = [count_parameters(build(depth)) for build in (cifar_resnet, cifar_plain)]
        print(f"{depth:5} {pair[0]:10,} {pair[1]:10,}")
