# %% [markdown]
# # ResNet from scratch, in Keras
#
# You build the residual networks of He, Zhang, Ren and Sun, *Deep Residual Learning for Image Recognition* (2015,
# [arXiv:1512.03385](https://arxiv.org/abs/1512.03385); "the paper" below): two blocks, the five ImageNet nets with 18
# to 152 layers, and the small nets for CIFAR-10 together with their plain twins.
#
# Work from top to bottom. Replace each `raise NotImplementedError` by your own code and run the check below it as
# often as you like: it shows what is right, and what was expected where something isn't. Use basic layers only
# (`Conv2D`, `BatchNormalization`, `Dense`, pools, activations, padding, `Add`), no ready-made network. Names of
# layers, helper functions and style are yours; what is computed is not.
#
# Every model returns **logits**. The paper's figures and the course's slides end in a softmax; here it belongs to the
# loss (`SparseCategoricalCrossentropy(from_logits=True)`), which computes it more exactly.
#
# *The course and its slides are by Dr Kien Nguyen (QUT).*

# %%
# SETUP

# %%
import keras
import numpy as np
from keras import layers

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
# Images have the shape (n, h, w, c). A block is a function from tensor to tensor: create each layer and call it at
# once, as in `layers.Conv2D(...)(x)`. Keep `x` for the shortcut. `padding="same"` is one pixel of zeros on every side
# at stride 1; at stride 2 it pads even sizes at the end alone, while the paper's code pads every side. Both are right
# here.


# %%
# QUESTION basic_block
def basic_block(x, channels, stride=1):
    """The residual block of two 3x3 convolutions.

    (n, h, w, c) -> (n, h / stride, w / stride, channels)
    """
    ### BEGIN SOLUTION
    shortcut = x
    if stride != 1 or x.shape[-1] != channels:
        shortcut = layers.Conv2D(channels, 1, strides=stride, use_bias=False)(x)
        shortcut = layers.BatchNormalization()(shortcut)
    out = layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)(x)
    out = layers.BatchNormalization()(out)
    out = layers.ReLU()(out)
    out = layers.Conv2D(channels, 3, padding="same", use_bias=False)(out)
    out = layers.BatchNormalization()(out)
    out = layers.Add()([out, shortcut])
    return layers.ReLU()(out)
    ### END SOLUTION


# %%
grader.check("basic_block")

# %% [markdown]
# Try a block out: a stride of 2 on an odd size, and more channels.

# %%
if not grader.grading:
    print(basic_block(keras.Input((33, 25, 16)), 32, stride=2).shape)  # expected: None, 17, 13, 32

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
def bottleneck(x, channels, stride=1):
    """The residual block 1x1, 3x3, 1x1.

    (n, h, w, c) -> (n, h / stride, w / stride, 4 * channels)
    """
    ### BEGIN SOLUTION
    shortcut = x
    if stride != 1 or x.shape[-1] != 4 * channels:
        shortcut = layers.Conv2D(4 * channels, 1, strides=stride, use_bias=False)(x)
        shortcut = layers.BatchNormalization()(shortcut)
    out = layers.Conv2D(channels, 1, strides=stride, use_bias=False)(x)
    out = layers.BatchNormalization()(out)
    out = layers.ReLU()(out)
    out = layers.Conv2D(channels, 3, padding="same", use_bias=False)(out)
    out = layers.BatchNormalization()(out)
    out = layers.ReLU()(out)
    out = layers.Conv2D(4 * channels, 1, use_bias=False)(out)
    out = layers.BatchNormalization()(out)
    out = layers.Add()([out, shortcut])
    return layers.ReLU()(out)
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
def stage(x, block, channels, count, stride):
    """`count` blocks in a row, the first with `stride` and the others with 1."""
    ### BEGIN SOLUTION
    x = block(x, channels, stride)
    for _ in range(count - 1):
        x = block(x, channels)
    return x
    ### END SOLUTION


def resnet(depth, num_classes=1000, input_shape=(224, 224, 3)):
    """The ResNet with `depth` layers (18, 34, 50, 101 or 152).

    (n, h, w, 3) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    block, counts = {
        18: (basic_block, [2, 2, 2, 2]),
        34: (basic_block, [3, 4, 6, 3]),
        50: (bottleneck, [3, 4, 6, 3]),
        101: (bottleneck, [3, 4, 23, 3]),
        152: (bottleneck, [3, 8, 36, 3]),
    }[depth]
    image = keras.Input(input_shape)
    x = layers.Conv2D(64, 7, strides=2, padding="same", use_bias=False)(image)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    x = stage(x, block, 64, counts[0], stride=1)
    x = stage(x, block, 128, counts[1], stride=2)
    x = stage(x, block, 256, counts[2], stride=2)
    x = stage(x, block, 512, counts[3], stride=2)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(num_classes)(x))
    ### END SOLUTION


# %%
grader.check("resnet")

# %% [markdown]
# Count what you have built and compare it with the table.


# %%
def count_parameters(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


if not grader.grading:
    for depth in (18, 34, 50, 101, 152):
        print(f"ResNet-{depth:<4} {count_parameters(resnet(depth)):>11,} trainable parameters")

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
def cifar_net(block, depth, num_classes, input_shape):
    """The net of section 4.2 made of any block, for both questions.

    (n, 32, 32, 3) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    count = (depth - 2) // 6
    image = keras.Input(input_shape)
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(image)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = stage(x, block, 16, count, stride=1)
    x = stage(x, block, 32, count, stride=2)
    x = stage(x, block, 64, count, stride=2)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(num_classes)(x))
    ### END SOLUTION


def cifar_resnet(depth, num_classes=10, input_shape=(32, 32, 3)):
    """The residual net with `depth` = 6n + 2 layers.

    (n, 32, 32, 3) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    return cifar_net(basic_block, depth, num_classes, input_shape)
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
def plain_block(x, channels, stride=1):
    """The basic block without its shortcut.

    (n, h, w, c) -> (n, h / stride, w / stride, channels)
    """
    ### BEGIN SOLUTION
    x = layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)
    ### END SOLUTION


def cifar_plain(depth, num_classes=10, input_shape=(32, 32, 3)):
    """The plain net with `depth` = 6n + 2 layers.

    (n, 32, 32, 3) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    return cifar_net(plain_block, depth, num_classes, input_shape)
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
