# %% [markdown]
# # Design your own simple CNN, in Keras
#
# You build a small convolutional network for images of 32x32 pixels, from its smallest unit up; then you count its
# parameters, train it and measure how well it does. These five functions are what every later assignment stands on.
#
# Work from top to bottom. Replace each `raise NotImplementedError` by your own code and run the check below it as
# often as you like: it shows what is right, and what was expected where something isn't. Names of layers, helper
# functions and style are yours; what is computed is not.
#
# Images are float32 of shape (n, 32, 32, 3), labels are int64 of shape (n,), from 0; both come as NumPy arrays. Every
# classifier returns **logits**, one number for each class: the softmax belongs to the loss, which computes it more
# exactly.
#
# *The course and its slides are by Dr Kien Nguyen (QUT).*

# %%
# SETUP

# %%
import keras
import numpy as np
import tensorflow as tf
from keras import layers

import grader
from grader import given

# %% [markdown]
# ## 1. The images
#
# The images of this course are drawn by a program, from random numbers: silhouettes, filled with patterns, before a
# background. So there are as many as you want, and nothing has to be downloaded. The *small task* has ten classes:
# discs and rings in five patterns. Raw images are uint8 of shape (n, 32, 32, 3); `given.prepare` divides them by 255,
# subtracts `given.MEAN` and divides by `given.STD`.

# %%
if not grader.grading:
    raw, labels, names = given.images("small", "train", 1600)
    images = given.prepare(raw, "keras")
    print(raw.shape, raw.dtype, "->", tuple(images.shape), images.dtype)

    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 5, figsize=(9, 4))
    for number, axis in enumerate(axes.flat):
        axis.imshow(raw[number])
        axis.set_title(names[labels[number]], fontsize=8)
        axis.axis("off")
    plt.show()

# %% [markdown]
# ## 2. Convolution, BatchNorm, ReLU
#
# A **convolution** slides a small kernel over the image and computes the same weighted sum at each place. It needs few
# weights, and finds a feature wherever it stands (LeCun, Bottou, Bengio and Haffner, *Gradient-Based Learning Applied
# to Document Recognition*, 1998, section II). For a kernel of $k$ pixels, padding $p$ and stride $s$, a side of $h$
# pixels becomes
#
# $$h' = \left\lfloor \frac{h + 2p - k}{s} \right\rfloor + 1$$
#
# A 3x3 convolution with one pixel of zeros on every side ($p = 1$) keeps the size at stride 1; at stride 2 it halves
# it, and an odd size is rounded up.
#
# **BatchNorm** (Ioffe and Szegedy, 2015, [arXiv:1502.03167](https://arxiv.org/abs/1502.03167)) subtracts each
# channel's mean and divides by its standard deviation, then multiplies by a learnable scale and adds a learnable shift
# (Algorithm 1). In **training mode** mean and variance are those of the batch, over images, height and width (the
# *biased* variance: divided by the number of values), and the layer keeps a running average of both. In **evaluation
# mode** it uses that average, so that an image's result doesn't depend on its batch (section 3.1).
#
# **ReLU** is $\max(0, x)$. Without something non-linear between them, two convolutions would be no more than one.
#
# In this order the three are the unit of almost every CNN. A bias of the convolution is harmless, but BatchNorm
# subtracts it again: leave it out, if you like. `padding="same"` is one pixel of zeros on every side at stride 1; at
# stride 2 it pads even sizes at the end alone. One pixel on every side (`layers.ZeroPadding2D(1)` and
# `padding="valid"`) is right too. The function takes a tensor and gives one: create each layer and call it at once, as
# in `layers.ReLU()(x)`.


# %%
# QUESTION conv_bn_relu
def conv_bn_relu(x, channels, stride=1):
    """A 3x3 convolution, BatchNorm and ReLU.

    (n, h, w, c) -> (n, h / stride, w / stride, channels), rounded up
    """
    ### BEGIN SOLUTION
    x = layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)
    ### END SOLUTION


# %%
grader.check("conv_bn_relu")

# %% [markdown]
# ## 3. Your own net
#
# Now design a net. Three rules of thumb:
#
# - Halve height and width from time to time, by a stride of 2 or by `layers.MaxPooling2D()`, and double the channels
#   then. Early layers see edges and spots on large maps, late ones see shapes on small maps.
# - Close with a **global average pool** (Lin, Chen and Yan, *Network in Network*, 2013,
#   [arXiv:1312.4400](https://arxiv.org/abs/1312.4400), section 3.2) or flatten a small map, then one dense layer that
#   gives the logits, and nothing after it (a log-softmax is accepted; a softmax, sigmoid or ReLU is wrong).
# - Count before you train. A convolution has $k^2 \cdot c_{in} \cdot c_{out}$ weights and takes that many multiply-adds
#   **for each pixel of its output**. So weights pile up where the channels are many, and work where the map is large:
#
# | layer | output | weights | multiply-adds |
# |---|---|---|---|
# | 3x3, 3 to 16 channels | 32x32 | 432 | 442 thousand |
# | 3x3, 16 to 32, stride 2 | 16x16 | 4,608 | 1,180 thousand |
# | 3x3, 32 to 64, stride 2 | 8x8 | 18,432 | 1,180 thousand |
# | dense, 64 * 8 * 8 to 64 | 64 | 262,144 | 262 thousand |
# | dense, 64 to 10, after a global average | 10 | 640 | 1 thousand |
#
# What is asked: for 10 classes **fewer than 100,000 trainable parameters** and **at most 30 million multiply-adds** an
# image (without biases). Any number of classes from 2 to 100 must do, and one image alone too. All that decides the
# output is among the model's `weights`, every layer that you build takes part, and in evaluation
# mode an image gives the same logits at each call, whatever else is in its batch.
#
# The check trains your net: on 1,600 images, with Adam (Kingma and Ba, 2014,
# [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)) at a learning rate of 0.001, for 600 steps with 32 images each,
# on the cross-entropy of its logits. From step 500 on it tries the net now and then on 500 new images, and the best
# try must name at least 50 % of them right. Guessing gives 10 %, the net of the table above about 90 %. After the
# training a gradient must still reach each trainable parameter.


# %%
# QUESTION simple_cnn
def simple_cnn(num_classes):
    """A small CNN of your own design, a `keras.Model`.

    (n, 32, 32, 3) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    image = keras.Input((32, 32, 3))
    x = conv_bn_relu(image, 16)
    x = conv_bn_relu(x, 32, stride=2)
    x = conv_bn_relu(x, 64, stride=2)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(num_classes)(x))
    ### END SOLUTION


# %%
grader.check("simple_cnn")

# %% [markdown]
# ## 4. Counting parameters
#
# A weight is **trainable** if gradient descent may change it; that of a frozen layer (`trainable` False) isn't, and you
# will freeze whole nets in the last assignment. Count *elements*: a kernel of shape (3, 3, 3, 16) counts 432.
# BatchNorm's moving mean and variance are weights that nothing learns by gradients: they count in the total, and never
# as trainable. What an optimizer, a metric or a random seed keeps is no weight of the model. The model is built.


# %%
# QUESTION count_parameters
def count_parameters(model):
    """The number of trainable parameters and of all parameters: two ints, (trainable, total)."""
    ### BEGIN SOLUTION
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    total = sum(int(np.prod(weight.shape)) for weight in model.weights)
    return trainable, total
    ### END SOLUTION


# %%
grader.check("count_parameters")

# %% [markdown]
# How large is your own net?

# %%
if not grader.grading:
    print("(trainable, total) =", count_parameters(simple_cnn(10)))

# %% [markdown]
# ## 5. One epoch of training
#
# For each batch, in the order in which it comes:
#
# 1. logits of the model, in **training mode**: `model(images, training=True)`;
# 2. the **cross-entropy**: minus the logarithm of the probability that the softmax gives to the right class, and of
#    that the *mean* over the batch: `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`. Nothing is added:
#    no label smoothing, no penalty;
# 3. its gradient with respect to the trainable weights, by a `tf.GradientTape`;
# 4. one step of the optimizer. Nothing is clipped.
#
# Then return the mean loss **per example** of the whole epoch, as a number, each batch's loss taken before its step.
# The last batch may be shorter than the others, so the mean of the batches' means is another number.
#
# `batches` is anything that gives pairs of images and labels when you go through it: a list, or a generator, which
# has no length and can be gone through once; no batch holds a single image. The model comes uncompiled. You may compile
# it, here and in the next question: `train_on_batch` is as good as a tape, but in most versions of Keras it returns the
# mean over all batches since the last `reset_metrics()`. The check trains small nets for two epochs with SGD and
# momentum, and compares each of their tensors with what it computes itself.


# %%
# QUESTION train_epoch
def train_epoch(model, batches, optimizer):
    """Train a model for one epoch, one step for each batch; the mean loss per example."""
    ### BEGIN SOLUTION
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    total, count = 0.0, 0
    for images, labels in batches:
        with tf.GradientTape() as tape:
            loss = cross_entropy(labels, model(images, training=True))
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply(gradients, model.trainable_weights)
        total += float(loss) * len(labels)
        count += len(labels)
    return total / count
    ### END SOLUTION


# %%
grader.check("train_epoch")

# %% [markdown]
# ## 6. Evaluation
#
# The answer to an image is the class with its greatest logit. `evaluate` gives the share of right answers, from 0 to
# 1, over all examples: a short last batch counts for what it holds.
#
# Evaluating must change nothing: no weight, no moving statistic. So call the model in **evaluation mode**
# (`training=False`).


# %%
# QUESTION evaluate
def evaluate(model, batches):
    """The share of right answers, from 0 to 1; the model stays as it was."""
    ### BEGIN SOLUTION
    right, count = 0, 0
    for images, labels in batches:
        logits = model(images, training=False)
        right += int(np.sum(np.argmax(logits, axis=-1) == labels))
        count += len(labels)
    return right / count
    ### END SOLUTION


# %%
grader.check("evaluate")

# %% [markdown]
# ## 7. All of it together
#
# Train your net on the small task with your own functions, and watch the loss and the accuracy on images that it
# doesn't learn from. Where the two accuracies part, the net learns its training images by heart.


# %%
def shuffled(images, labels, size=32):
    """Batches of images and labels in a new order."""
    order = np.random.permutation(len(labels))
    for start in range(0, len(labels), size):
        rows = order[start : start + size]
        yield images[rows], labels[rows]


def learn(epochs=10):
    """Train a net of yours on the small task; the net, and its history."""
    sets = {}
    for split, count in (("train", 1600), ("validation", 500)):
        raw, labels, _ = given.images("small", split, count)
        sets[split] = given.prepare(raw, "keras"), labels
    model = simple_cnn(10)
    optimizer = keras.optimizers.Adam(1e-3)
    history = []
    for epoch in range(epochs):
        loss = train_epoch(model, shuffled(*sets["train"]), optimizer)
        shares = [evaluate(model, shuffled(*sets[split])) for split in sets]
        history.append((loss, *shares))
        print(f"epoch {epoch + 1}: loss {loss:.3f}, right: {shares[0]:.1%} in training, {shares[1]:.1%} of new images")
    return model, history


if not grader.grading:
    model, history = learn()
    losses, known, unknown = np.transpose(history)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
    left.plot(losses)
    left.set(xlabel="epoch", ylabel="loss")
    right.plot(known, label="training images")
    right.plot(unknown, label="new images")
    right.set(xlabel="epoch", ylabel="share of right answers")
    right.legend()
    plt.show()

# %% [markdown]
# What has the first layer learned? Each kernel is a picture of 3x3 pixels in three colours.

# %%
if not grader.grading:
    kernels = next(layer for layer in model.layers if isinstance(layer, layers.Conv2D)).kernel.numpy()
    low, high = kernels.min(axis=(0, 1, 2)), kernels.max(axis=(0, 1, 2))
    pictures = np.moveaxis((kernels - low) / (high - low), -1, 0)
    figure, axes = plt.subplots(2, 8, figsize=(9, 2.5))
    for number, axis in enumerate(axes.flat):
        axis.imshow(pictures[number])
        axis.axis("off")
    plt.show()
