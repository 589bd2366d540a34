# %% [markdown]
# # Training a ResNet in practice, in Keras
#
# A deep net that is built right still has to be trained right. You write the parts of the recipe by which He, Zhang,
# Ren and Sun trained their residual nets (*Deep Residual Learning for Image Recognition*, 2015,
# [arXiv:1512.03385](https://arxiv.org/abs/1512.03385); "the paper" below): the first weights, the optimizer, the
# learning-rate schedule and the training loop. Then you repeat the experiment that the paper begins with: deeper plain
# nets train worse, deeper residual nets don't.
#
# Work from top to bottom. Replace each `raise NotImplementedError` by your own code and run the check below it as
# often as you like. Names of helpers and style are yours; what is computed is not. No GPU is needed.
#
# Every model returns **logits**. The paper's figures and the course's slides end in a softmax; here it belongs to the
# loss (`SparseCategoricalCrossentropy(from_logits=True)`), which computes it more exactly. Without `from_logits=True`
# Keras takes the logits for probabilities.
#
# *The course and its slides are by Dr Kien Nguyen (QUT).*

# %%
# SETUP

# %%
import keras
import numpy as np
from keras import layers

import grader
from grader import given

# %% [markdown]
# ## 1. The first weights
#
# A convolution adds up as many products as meet in one of its outputs: its **fan-in**, input channels times the area
# of the kernel. If the weights are independent, with mean 0 and variance $v$, the sum's variance is about fan-in
# $\cdot\, v$ times that of the inputs. With $v$ too small the signal dies from layer to layer, with $v$ too large it
# explodes; over 50 layers a factor of 0.8 becomes 0.00001. ReLU sets half of the values to zero, which halves the
# mean square, so the right variance is
#
# $$v = \frac{2}{\text{fan-in}}, \qquad \text{standard deviation } \sqrt{2 / \text{fan-in}}$$
#
# (He et al. 2015, *Delving Deep into Rectifiers*, [arXiv:1502.01852](https://arxiv.org/abs/1502.01852), section 2.2).
# Xavier's rule (Glorot and Bengio 2010) has no 2 for ReLU. The same reasoning for gradients, backwards, gives
# **fan-out**, output channels times the area. The paper shows that either suffices: choose one and keep to it.
#
# In Keras layers make their weights when they meet their first input, by the initializer that they were given. So
# `he_initializer(seed)` returns something that `Conv2D(kernel_initializer=...)` takes (an initializer of Keras, an
# object or a function of your own with the arguments `shape` and `dtype`), a new one at each call:
#
# - it draws kernels of any shape `(height, width, input channels, output channels)` from a **normal** distribution of
#   mean 0 and standard deviation sqrt(2 / fan), fan-in or fan-out, the same choice for all shapes;
# - equal seeds give equal kernels, different seeds different ones, whatever was drawn before.
#
# A normal distribution that is truncated at two standard deviations is right if its standard deviation is: cutting the
# tails off takes 12 % away, which `keras.initializers.HeNormal` makes up for. Two layers with the same seed and shape
# would get the same weights: give each its own seed. Biases of convolutions start at 0, BatchNorm's scale at 1 and its
# shift at 0 in Keras anyway.


# %%
# QUESTION init_weights
def he_initializer(seed):
    """An initializer of convolution kernels after He et al. 2015."""
    ### BEGIN SOLUTION
    return keras.initializers.HeNormal(seed=seed)
    ### END SOLUTION


# %%
grader.check("init_weights")

# %% [markdown]
# ## 2. The optimizer
#
# Section 3.4 of the paper trains with stochastic gradient descent. **Momentum** lets steps that agree add up and steps
# that contradict each other cancel: with the gradient $g$ of the batch's loss,
#
# $$v \leftarrow 0.9\, v + g, \qquad w \leftarrow w - 0.1\, v$$
#
# **Weight decay** shrinks the weights a little in each step. The course takes **1e-5**; the paper, whose nets are
# larger and train for longer, takes 1e-4. There is no dropout: BatchNorm regularises enough.
#
# `make_optimizer(model)` gives such an optimizer: SGD, learning rate 0.1, momentum 0.9 (plain, not Nesterov's), weight
# decay 1e-5. The decay is the optimizer's business, not the loss's. Leaving biases and BatchNorm out of the decay is
# right too. (Keras subtracts the decay from the weights, PyTorch adds it to the gradient; either is right here.) The
# optimizer gets the trainable variables when it is used, and the model need not be built yet.


# %%
# QUESTION make_optimizer
def make_optimizer(model):
    """SGD with learning rate 0.1, momentum 0.9 and weight decay 1e-5 for the trainable variables of a model."""
    ### BEGIN SOLUTION
    return keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, weight_decay=1e-5)
    ### END SOLUTION


# %%
grader.check("make_optimizer")

# %% [markdown]
# ## 3. The schedule
#
# Large steps find the valley, small ones its floor. The paper begins with 0.1 and divides the rate by 10 "when the
# error plateaus" (section 3.4).
#
# `make_callbacks(patience=5)` gives a **list of callbacks** for `model.fit` that follow `val_loss` in the logs (which
# hold `loss`, `accuracy`, `val_loss` and `val_accuracy`). When `patience` epochs have passed without a new lowest
# `val_loss` (or `patience + 1`; the same number each time), the learning rate is divided by 10. Then the count begins
# again, so that a long plateau divides the rate again and again. A new lowest value sets the count back. "Lowest" is
# that of all epochs, not the last one, and no value of the check ties with it (each gain is larger than 0.001). A floor
# of 1e-5 or less for the rate is allowed. No callback stops the training early: the epochs after a division are the
# point of it.


# %%
# QUESTION make_schedule
def make_callbacks(patience=5):
    """Callbacks that divide the learning rate by 10 on a plateau of `val_loss`."""
    ### BEGIN SOLUTION
    return [keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.1, patience=patience, min_delta=0.0)]
    ### END SOLUTION


# %%
grader.check("make_schedule")

# %% [markdown]
# ## 4. The training loop
#
# `fit(model, train, validation, epochs, batch_size=256)` puts it together. `train` and `validation` are pairs
# `(images, labels)` of NumPy arrays: prepared images (n, h, w, c), labels from 0. The model comes built and
# uncompiled. `fit` uses your own `make_optimizer` and `make_callbacks` (with its default patience): a mistake in them
# costs points there and not here. Each epoch
#
# 1. passes **every** training image once, in batches of `batch_size`, the short last batch included, in a **new
#    random order** (`shuffle=True` of `model.fit` is right), in **training mode**; for each batch one step is taken on
#    the *mean* cross-entropy of the logits. Nothing is added: no augmentation, no clipping, no smoothing;
# 2. evaluates all validation images in **evaluation mode**. In training mode BatchNorm would normalise them with their
#    own batch and, worse, move its running statistics: validation must not change the model, and nothing is learnt
#    from it;
# 3. lets the callbacks see the epoch's logs, `val_loss` among them.
#
# Keep the weights **and running statistics** of the epoch with the best validation accuracy (any of them on a tie),
# and leave the model with these at the end: `model.get_weights()` copies both. `ModelCheckpoint` follows `val_loss`
# unless told otherwise. You may compile the model, and write into the current folder.
#
# Return a dict of lists, one number per epoch (more keys are welcome):
#
# | key | is |
# |---|---|
# | `loss` | the mean cross-entropy **per training image**, each batch's before its step; a short batch weighs less |
# | `val_loss` | the mean cross-entropy per validation image |
# | `val_accuracy` | the share of right answers, 0 to 1 |
# | `lr` | the learning rate: the one that the epoch was trained with, or the one after the schedule's step |


# %%
# QUESTION fit
class KeepBest(keras.callbacks.Callback):
    """Keeps a copy of the weights and statistics of the epoch with the best validation accuracy, and all rates."""

    def __init__(self):
        super().__init__()
        self.accuracy, self.weights, self.rates = -1.0, None, []

    def on_epoch_end(self, epoch, logs=None):
        ### BEGIN SOLUTION
        self.rates.append(float(self.model.optimizer.learning_rate))
        if logs["val_accuracy"] > self.accuracy:
            self.accuracy, self.weights = logs["val_accuracy"], self.model.get_weights()
        ### END SOLUTION


def fit(model, train, validation, epochs, batch_size=256):
    """Train a model and leave it as it was after its best epoch; returns the history, a dict of lists."""
    ### BEGIN SOLUTION
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=make_optimizer(model), loss=loss, metrics=["accuracy"])
    keep = KeepBest()
    images, labels = train
    history = model.fit(
        images,
        labels,
        batch_size=batch_size,
        epochs=epochs,
        shuffle=True,
        validation_data=validation,
        callbacks=[*make_callbacks(), keep],
        verbose=0,
    ).history
    model.set_weights(keep.weights)
    return {
        "loss": history["loss"],
        "val_loss": history["val_loss"],
        "val_accuracy": history["val_accuracy"],
        "lr": keep.rates,
    }
    ### END SOLUTION


# %%
grader.check("fit")

# %% [markdown]
# Try it on real images: 1,000 handwritten digits of 8x8 pixels (Alpaydin and Kaynak 1998), which come with the course.
# `given.small_nets` gives nets like those of the second assignment, half as wide, so that this takes seconds.

# %%
build = given.small_nets("keras")


def digits(split):
    """Images (n, 8, 8, 3) between -1 and 1, and labels (n,)."""
    pixels, labels, _ = given.raw("digits", split)
    images = pixels.astype("float32") / 8 - 1
    return np.repeat(images[..., None], 3, axis=-1), labels


if not grader.grading:
    import matplotlib.pyplot as plt

    net = build("residual", 20)
    history = fit(net, digits("train"), digits("validation"), epochs=12, batch_size=64)
    figure, axes = plt.subplots(1, 2, figsize=(9, 3))
    axes[0].plot(history["loss"], label="training loss")
    axes[0].plot(history["val_loss"], label="validation loss")
    axes[1].plot(history["val_accuracy"], label="validation accuracy")
    for axis in axes:
        axis.set_xlabel("epoch")
        axis.legend()
    plt.show()

# %% [markdown]
# ## 5. The degradation experiment
#
# Figure 1 of the paper: a plain net of 56 layers has a higher *training* error than one of 20. Figure 6: with
# shortcuts it is the other way round. A fair comparison changes one thing only, so every net sees the **same batches
# in the same order**. Draw them once, before the loop over the nets: when each net shuffles for itself, luck takes
# part.
#
# `degradation(build, images, labels, depths=(20, 56), steps=120)`: `build(kind, depth)` gives a new small net,
# uncompiled; `kind` is `"plain"` or `"residual"`. For each kind and each depth (there may be any number of depths),
# build the net, leave its weights as they are, and train it for `steps` steps with SGD, learning rate 0.02 (in this
# little time 0.1 loses the deep residual net one time in five), momentum 0.9, no decay, on batches of 64 images (at the
# end of a pass through the images a batch may be shorter; there are at least 64 images). Call the nets with
# `training=True`, or train them by `fit` or `train_on_batch`. (In most versions of Keras `train_on_batch` returns the
# mean over all batches since the metrics were last reset; `reset_metrics()` before it makes it the batch's own loss.)
#
# Return a dict with a number for each net, `{("plain", 20): ..., ("plain", 56): ..., ("residual", 20): ..., ...}`:
# the mean over the last 20 steps (over all, when there are fewer) of the training loss, each taken before its step.
# It is the training loss that degradation is about: the deep plain net doesn't overfit, it doesn't get going.


# %%
# QUESTION degradation
def degradation(build, images, labels, depths=(20, 56), steps=120):
    """Train plain and residual nets of some depths alike; returns {(kind, depth): training loss at the end}."""
    ### BEGIN SOLUTION
    generator = np.random.default_rng()
    batches = []
    while len(batches) < steps:
        order = generator.permutation(len(images))
        batches.extend(order[start : start + 64] for start in range(0, len(order), 64))
    result = {}
    for kind in ("plain", "residual"):
        for depth in depths:
            net = build(kind, depth)
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            net.compile(optimizer=keras.optimizers.SGD(learning_rate=0.02, momentum=0.9), loss=loss)
            losses = []
            for batch in batches[:steps]:
                net.reset_metrics()
                losses.append(float(net.train_on_batch(images[batch], labels[batch])))
            result[kind, depth] = float(np.mean(losses[-20:]))
    return result
    ### END SOLUTION


# %%
grader.check("degradation")

# %% [markdown]
# Run it on the digits (a few minutes: deep nets take long to compile). In eight runs of this very experiment in
# PyTorch, with other weights and batches each time, the numbers were
#
# | layers | plain | residual |
# |---|---|---|
# | 20 | 0.17 to 0.34 | 0.01 to 0.03 |
# | 56 | 1.64 to 2.03 | 0.06 to 0.15 |
#
# and never overlapped. (Guessing among ten digits costs 2.30.) Read them with care: in 120 steps the plain net of 56
# layers hasn't got going, while the residual one has. The deeper residual net isn't *better* than the shallower one
# here: the paper trains for 64,000 steps until depth pays. What the shortcuts buy is that depth does no harm.

# %%
if not grader.grading:
    table = degradation(build, *digits("train"))
    for (kind, depth), loss in table.items():
        print(f"{kind:>8} {depth}: training loss {loss:.3f}")
    figure, axis = plt.subplots(figsize=(5, 3))
    for kind in ("plain", "residual"):
        axis.plot([20, 56], [table[kind, depth] for depth in (20, 56)], "o-", label=kind)
    axis.set_xlabel("layers")
    axis.set_ylabel("training loss")
    axis.legend()
    plt.show()

# %% [markdown]
# ## 6. What BatchNorm does and doesn't do
#
# Why don't deep plain nets get going? "Their gradients vanish" is the usual answer, and the paper doubts it: BatchNorm
# keeps the signals alive in both directions (section 4.1). See for yourself: the norm of the gradient at the *first*
# convolution, of nets that have just been built.
#
# Without BatchNorm they do vanish in plain nets, and don't in residual ones. Measured in PyTorch: with its own
# initialisation the norm is about 4e-10 in a plain net of 20 layers, exactly 0 in one of 56 (too small for float32),
# and 0.02 in the residual nets of either depth. With He's rule it is 2e-3 and 3e-6 in the plain nets: 8x8 images are
# mostly border, where zeros stand in for pixels, and fewer products meet there than the rule counts. The residual net
# without BatchNorm explodes instead (2 with 20 layers, 300 with 56): each addition makes the signal larger.
#
# **With** BatchNorm, which is how these nets are trained, nothing vanishes. The plain net's gradient *explodes* with
# depth: about 3 with 20 layers, 400 with 56, while the residual net's is 2 and 10. So degradation is no vanishing
# gradient. The paper only conjectures "exponentially low convergence rates"; a gradient that grows with the number of
# layers, so that no one learning rate suits them all, is one way in which a net can fail to get going.
#
# The slides say 1e-5 for the weight decay, the paper 1e-4; the slides' figures end in a softmax, these nets don't. The
# experiment above uses neither decay nor schedule: it asks one question only.

# %%
if not grader.grading:
    import tensorflow as tf

    images, labels = digits("train")

    class Nothing(layers.Layer):
        """Hands on what it gets, with the arguments of a BatchNormalization."""

        def call(self, x, training=None, mask=None):
            return x

    def without_norm(net):
        """A new net like this one without its BatchNormalizations."""

        def copied(layer):
            if isinstance(layer, layers.BatchNormalization):
                return Nothing()
            return layer.__class__.from_config(layer.get_config())

        return keras.models.clone_model(net, clone_function=copied)

    def first_gradient(net):
        """The norm of the loss's gradient with respect to the first kernel, for 64 images."""
        loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        kernel = net.trainable_variables[0]
        with tf.GradientTape() as tape:
            loss = loss_of(labels[:64], net(images[:64], training=True))
        return float(np.linalg.norm(tape.gradient(loss, kernel.value)))

    print("depth       plain   residual   plain, no BatchNorm   residual, no BatchNorm")
    for depth in (8, 20, 56):
        norms = [first_gradient(build(kind, depth)) for kind in ("plain", "residual")]
        norms += [first_gradient(without_norm(build(kind, depth))) for kind in ("plain", "residual")]
        print(f"{depth:5}", "".join(f"{norm:12.3g}" for norm in norms))
