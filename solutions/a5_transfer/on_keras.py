# %% [markdown]
# # Transfer learning with ResNet, in Keras
#
# You have 150 images of ten things. That is far too little to train a ResNet, and enough to teach one that has learned
# to see elsewhere. You put a new head on a pretrained net, freeze what shall not change (and find out that freezing
# weights is not enough), let the last stages learn with care, choose between these ways, and build the whole pipeline
# from raw images to answers.
#
# Work from top to bottom. Replace each `raise NotImplementedError` by your own code and run the check below it as
# often as you like: it shows what is right, and what was expected where something isn't. Helper functions and classes,
# names and style are yours. Drawings and experiments are not graded.
#
# **The backbone.** `given.backbone("keras")` is a ResNet with 14 layers, pretrained on 128 classes of the course's
# image world (32x32 images). It stands in for ImageNet's nets and is named as keras.applications names them: a
# functional model without its head that returns **pooled features**, with layers whose names begin with `conv1_` (the
# stem), `pool1_`, `conv2_` (the first stage) .. `conv4_` (the third), and last `avg_pool`. It comes afresh at each
# call, all of it trainable. **ImageNet's ResNets have four stages (`conv2_` .. `conv5_`) and other widths, and your
# functions must fit them too**: they are tried with backbones that you haven't seen.
#
# Every model returns **logits**. Keras runs on TensorFlow, in float32.
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
# Meet the task: ten things that the backbone has never seen, in the same world of shapes and patterns.

# %%
if not grader.grading:
    import matplotlib.pyplot as plt

    raw, labels, names = given.images("objects", "train", 20)
    figure, axes = plt.subplots(2, 10, figsize=(14, 3.4))
    for axis, image, label in zip(axes.flat, raw, labels, strict=True):
        axis.imshow(image)
        axis.set_title(names[label], fontsize=8)
        axis.axis("off")

# %% [markdown]
# ## 1. A new head on frozen features
#
# The first layers of a net learn what is useful for almost any image, the last ones what its own classes need (Yosinski
# et al. 2014, [arXiv:1411.1792](https://arxiv.org/abs/1411.1792)). So cut off the head, keep what the net computes
# before it, the **pooled features**, and train one new dense layer on them. With a handful of images per class this
# linear classifier is hard to beat (Kornblith, Shlens and Le 2018, [arXiv:1805.08974](https://arxiv.org/abs/1805.08974)).
#
# `feature_extractor(backbone, num_classes)` returns a model that ends in **one new dense layer with bias** on the
# pooled features, and gives `num_classes` logits: no activation. A dropout before it is allowed, nothing else. The
# pretrained weights are really in the model: the backbone may be changed in place, called as a layer, or copied (mind
# that `clone_model` copies the layers and *not* their weights). **Nothing but the head learns.** You are judged by what
# moves when an optimizer takes several steps in training mode, on all that is trainable.
#
# ### Frozen weights are not enough
#
# BatchNorm has two things that no optimizer touches: its moving mean and variance (Ioffe and Szegedy 2015,
# [arXiv:1502.03167](https://arxiv.org/abs/1502.03167), section 3.1). In **training mode** the layer normalises with the
# *batch's* statistics and moves its own towards them: the features change with every batch, although no weight learns.
# What is frozen here
#
# - keeps its moving statistics to the last bit, **and**
# - normalises with them in training mode too, so that an image's features don't depend on the rest of the batch.
#
# In Keras a BatchNorm with `trainable = False` does both: it always runs in inference mode (see the guide *Transfer
# learning & fine-tuning*, <https://keras.io/guides/transfer_learning/>). What does **not** protect it: freezing the
# convolutions alone, and calling the backbone with `training=False` while a functional model is built, which `fit`
# overrules.


# %%
# QUESTION feature_extractor
def feature_extractor(backbone, num_classes):
    """A frozen pretrained backbone with one new dense layer, which alone learns.

    prepared images (n, h, w, 3) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    backbone.trainable = False
    return keras.Model(backbone.input, layers.Dense(num_classes, name="head")(backbone.output))
    ### END SOLUTION


# %%
grader.check("feature_extractor")

# %% [markdown]
# See the trap with your own eyes: a backbone whose convolutions alone are frozen, in both modes, on the same images.

# %%
if not grader.grading:
    backbone, images = given.backbone("keras"), given.prepare(raw, "keras")
    for layer in backbone.layers:
        layer.trainable = not isinstance(layer, layers.Conv2D)
    before = backbone.get_layer("conv1_bn").moving_mean.numpy()
    right = backbone(images, training=False).numpy()
    wrong = backbone(images, training=True).numpy()
    print("features differ by up to", np.abs(right - wrong).max())
    print("a moving mean moved by up to", np.abs(backbone.get_layer("conv1_bn").moving_mean.numpy() - before).max())

# %% [markdown]
# ## 2. Fine-tuning the last stages
#
# With more images, the last stages may adapt: they are the ones that belong to the old classes. `fine_tuner(backbone,
# num_classes, stages)` is the same model, and the last `stages` stages (1 .. N) learn too:
#
# - **every convolution** of theirs learns, the projections of their shortcuts too. Their BatchNorm may learn, or stay
#   frozen with its statistics: both are done;
# - **everything before them is frozen** as in section 1, the stem (`conv1_`) included, BatchNorm too. Only at
#   `stages=N` the stem is free.
#
# Don't name the last stage: find out how many there are. The given backbone has three, ImageNet's have four. And mind
# the numbers: stage 1 is `conv2_`. A model whose `trainable` is set to `True` sets all its layers to `True`, and one
# that is `False` keeps all its layers from learning, whatever they say themselves.
#
# Your model with `stages=1` is also trained: 64 steps of 16 images, SGD with momentum 0.9, the head at a rate of 0.05
# and the rest at a tenth of it. It has to recognise 45 % of the unseen images.


# %%
# QUESTION fine_tuner
def fine_tuner(backbone, num_classes, stages):
    """A pretrained backbone with one new dense layer, in which the last `stages` stages learn too.

    prepared images (n, h, w, 3) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    places = {layer.name: stage_of(layer) for layer in backbone.layers}
    first = max(places.values()) - stages + 1
    model = feature_extractor(backbone, num_classes)
    backbone.trainable = True
    for layer in backbone.layers:
        layer.trainable = places[layer.name] >= first
    return model


def stage_of(layer):
    """The stage of a layer by its name: 1 for `conv2_...`; 0 for the stem and what has no number."""
    start = layer.name.partition("_")[0]
    return int(start[4:]) - 1 if start.startswith("conv") else 0
    ### END SOLUTION


# %%
grader.check("fine_tuner")

# %% [markdown]
# ## 3. Two rates
#
# The head starts from nothing, and its first gradients are large and mean little. The pretrained weights are near a
# good place already, and the head's early errors would wash them out. So training has two phases: first the head alone
# at `lr`, then, with stages unfrozen, everything at `lr / 10` (compare Howard and Ruder 2018,
# [arXiv:1801.06146](https://arxiv.org/abs/1801.06146), section 3.2). Keras fixes what learns **when a model is
# compiled**: after a change of `trainable` it must be compiled again.
#
# `compile_for(model, phase, lr)` compiles any classifier that returns logits: with a **new** SGD or Adam, at a constant
# rate of `lr` in the phase `"head"` and `lr / 10` in the phase `"fine_tune"`; with the **cross-entropy from logits**
# for integer labels; and with an **accuracy** among the metrics. It doesn't touch `trainable`: what learns is what
# `trainable` says at that moment. Its result is ignored. An optimizer that is made once and used again knows the
# variables of its first model alone.


# %%
# QUESTION parameter_groups
def compile_for(model, phase, lr):
    """Compile a classifier for a phase, "head" (at `lr`) or "fine_tune" (at `lr / 10`)."""
    ### BEGIN SOLUTION
    model.compile(
        optimizer=keras.optimizers.SGD(lr if phase == "head" else lr / 10, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    ### END SOLUTION


# %%
grader.check("parameter_groups")

# %% [markdown]
# ## 4. Which way?
#
# Two questions decide: how much data is there, and how similar is the new task to the old one? The course's table
# (after the notes of CS231n, *Transfer Learning*, <https://cs231n.github.io/transfer-learning/>):
#
# | | similar | different |
# |---|---|---|
# | **little**: fewer than 50 images per class | `"linear_head"` | `"linear_on_stages"` |
# | **much** | `"fine_tune_few"` | `"fine_tune_many"` |
#
# That is a linear classifier on the last features; linear classifiers on the features of earlier stages; fine-tuning of
# few stages; and of many.
#
# With little data, fine-tuning fits the few images alone. If the task is different, the last features are about the
# wrong things, and earlier, more general ones serve better. `choose_strategy(images_per_class, similar)` returns the
# text of the table, for a whole number and a bool.


# %%
# QUESTION choose_strategy
def choose_strategy(images_per_class, similar):
    """The way to transfer by the course's table.

    -> "linear_head", "linear_on_stages", "fine_tune_few" or "fine_tune_many"
    """
    ### BEGIN SOLUTION
    if images_per_class < 50:
        return "linear_head" if similar else "linear_on_stages"
    return "fine_tune_few" if similar else "fine_tune_many"
    ### END SOLUTION


# %%
grader.check("choose_strategy")

# %% [markdown]
# ## 5. The whole pipeline
#
# `transfer(backbone, train, validation, num_classes)` learns a new task and returns **`predict`**, a function from raw
# images to scores. `train` and `validation` are pairs of NumPy arrays `(images, labels)`: uint8 `n 32 32 3` and int64,
# 100 to 200 and 50 to 100 images of `num_classes` classes that the backbone has not seen.
#
# - **Prepare** images as the backbone was trained: `/ 255`, minus `given.MEAN`, over `given.STD`, channel by channel
#   (or `given.prepare(images, "keras")`), the same in training and in `predict`. What is forgotten in one of them costs
#   more than any choice of strategy.
# - `predict(images)` takes raw images and returns a NumPy array `n num_classes` of real numbers, of which the greatest
#   wins; logits, not probabilities. An image gets the same scores alone and in any batch.
# - Which strategy you choose is free. **At most 20,000 images may pass the first convolution** of the backbone during
#   `transfer`, validation included, copies of the backbone too (the way back and `predict` afterwards don't count). A
#   frozen backbone gives the same features each time: compute them once, and the budget is no worry.
# - No argument is changed: work on copies, and shuffle an index rather than the arrays.
# - **Nothing is trained on `validation`**; it is for choosing, such as when to stop. As in life, a few of its labels
#   are odd.
# - It has to recognise **25 % of 200 images** that are drawn when you are graded and exist nowhere before. (Right
#   programs of many kinds reach 54 to 98 %; guessing gives 10 %.)


# %%
# QUESTION transfer
def transfer(backbone, train, validation, num_classes):
    """Learn a new task from raw images (n, 32, 32, 3) uint8 and labels (n,).

    -> predict: raw images (n, 32, 32, 3) uint8 -> scores (n, num_classes)
    """
    ### BEGIN SOLUTION
    features, labels = pooled(backbone, train[0]), train[1]
    held_out, right = pooled(backbone, validation[0]), validation[1]
    head = keras.Sequential([keras.Input(features.shape[1:]), layers.Dense(num_classes)])
    compile_for(head, "head", 0.1)
    best, kept = -1, None
    for _ in range(40):
        order = np.random.permutation(len(labels))
        for start in range(0, len(labels), 32):
            batch = order[start : start + 32]
            head.train_on_batch(features[batch], labels[batch])
        found = (head(held_out).numpy().argmax(axis=1) == right).sum()
        if found >= best:
            best, kept = found, head.get_weights()
    head.set_weights(kept)

    def predict(images):
        return head(pooled(backbone, images)).numpy()

    return predict


def pooled(backbone, images):
    """Raw images (n, 32, 32, 3) -> pooled features (n, d) of the backbone, in evaluation mode."""
    prepared = given.prepare(images, "keras")
    parts = [backbone(prepared[start : start + 100], training=False) for start in range(0, len(images), 100)]
    return np.concatenate([part.numpy() for part in parts])
    ### END SOLUTION


# %%
grader.check("transfer")

# %% [markdown]
# Look at what it gets wrong.

# %%
if not grader.grading:
    raw, labels, names = given.images("objects", "train", 150)
    validation = given.images("objects", "validation", 75)[:2]
    predict = transfer(given.backbone("keras"), (raw, labels), validation, len(names))
    raw, labels, names = given.images("objects", "test", 200)
    guesses = predict(raw).argmax(axis=1)
    print(f"{(guesses == labels).mean():.1%} of {len(labels)} unseen images")
    missed = np.flatnonzero(guesses != labels)[:10]
    figure, axes = plt.subplots(1, 10, figsize=(14, 2))
    for axis, place in zip(axes, missed, strict=False):
        axis.imshow(raw[place])
        axis.set_title(f"{names[labels[place]]}:\n{names[guesses[place]]}?", fontsize=8)
    for axis in axes:
        axis.axis("off")

# %% [markdown]
# ## 6. Does the table hold?
#
# Fill the course's table yourself: two tasks (things of the image world, which are similar to what the backbone knows,
# and emoji, which aren't), each with little and with much data. Linear classifiers stand on the features of each stage,
# computed once; your `fine_tuner` lets one stage learn, then all. This takes some minutes on a CPU; a GPU is
# used by itself (on Colab: Runtime, Change runtime type).


# %%
def staged(backbone, stage, images):
    """Raw images -> the pooled features of a stage, (n, d)."""
    last = [layer for layer in backbone.layers if layer.name.startswith(f"conv{stage + 1}_")][-1]
    body = keras.Model(backbone.input, layers.GlobalAveragePooling2D()(last.output))
    return body.predict(given.prepare(images, "keras"), verbose=0)


def trained(model, phase, images, labels, epochs):
    """The model after a phase of training at a rate of 0.05, or a tenth of it."""
    compile_for(model, phase, 0.05)
    model.fit(images, labels, batch_size=16, epochs=epochs, verbose=0)
    return model


def accuracy(model, images, labels):
    """The share of right answers, in evaluation mode."""
    return (model.predict(images, verbose=0).argmax(axis=1) == labels).mean()


if not grader.grading:
    print(f"{'':23}{'stage 1':>9}{'stage 2':>9}{'stage 3':>9}{'few':>9}{'many':>9}")
    for task, amounts in {"objects": (10, 100), "emoji": (15, 80)}.items():
        test_images, right, names = given.images(task, "test")
        for amount in amounts:
            raw, labels, _ = given.images(task, "train", amount * len(names))
            row = []
            for stage in (1, 2, 3):
                features = staged(given.backbone("keras"), stage, raw)
                mean, deviation = features.mean(0), features.std(0) + 1e-6
                head = keras.Sequential([keras.Input(features.shape[1:]), layers.Dense(len(names))])
                trained(head, "head", (features - mean) / deviation, labels, 100)
                features = staged(given.backbone("keras"), stage, test_images)
                row.append(accuracy(head, (features - mean) / deviation, right))
            images, unseen = (given.prepare(each, "keras") for each in (raw, test_images))
            epochs = 10 if len(labels) < 500 else 4
            for stages in (1, 3):
                first = trained(feature_extractor(given.backbone("keras"), len(names)), "head", images, labels, epochs)
                model = fine_tuner(given.backbone("keras"), len(names), stages)
                model.set_weights(first.get_weights())  # the trained head goes on, with stages that learn now
                row.append(accuracy(trained(model, "fine_tune", images, labels, epochs), unseen, right))
            print(f"{task:8}{amount:4} per class ", *(f"{value:8.1%}" for value in row))

# %% [markdown]
# One run in PyTorch gave, for things with 10 per class, 21, 84 and 92 % on the features of the three stages, and 89 and
# 93 % for few and many stages; with 100 per class 33, 95 and 98 %, and 99 and 99 %. For emoji with 15 per class it
# gave 48, 48 and 41 %, and 45 and 44 %: here the early stages win. With 80 per class 53, 53 and 46 %, and 50 and 57 %.
# So all four cells can be seen, by a small margin where much data makes every way good. Yours will differ a little.
#
# A rule of thumb, not a law: on the task `"fashion"` (photos of clothes) the last features serve best although the task
# is different. Try it. Measure before you believe.

# %% [markdown]
# ## 7. What has changed inside?
#
# The filters of the first layer work on colours and can be drawn. They stay as they are unless the stem learns too. How
# far did each stage move in the last model above (emoji, much data, all stages)?

# %%
if not grader.grading:
    before = given.backbone("keras")
    kernels = before.get_layer("conv1_conv").kernel.numpy().transpose(3, 0, 1, 2)
    figure, axes = plt.subplots(1, 16, figsize=(12, 1))
    for axis, kernel in zip(axes, (kernels - kernels.min()) / np.ptp(kernels), strict=True):
        axis.imshow(kernel)
        axis.axis("off")
    after = [weight.numpy() for weight in model.weights]
    for stage in ("conv1", "conv2", "conv3", "conv4"):
        moves = []
        for layer in before.layers:
            if layer.name.startswith(stage) and isinstance(layer, layers.Conv2D):
                old = layer.kernel.numpy()  # the tensor of this shape that is nearest is the same layer's
                near = min(np.linalg.norm(new - old) for new in after if new.shape == old.shape)
                moves.append(near / np.linalg.norm(old))
        print(f"{stage:8} moved by {np.mean(moves):6.1%} of its size")

# %% [markdown]
# ## 8. Your own images
#
# Put your images into a folder with one folder per class (`photos/cat/1.jpg`, `photos/dog/7.png`, ...) beside this
# notebook. On Colab, Google Drive can hold them: run `from google.colab import drive; drive.mount("/content/drive")`
# in a cell of its own and set `folder` to a path below `/content/drive/MyDrive`. The images become 32x32 for the given
# backbone. For photos ImageNet's ResNet-50 is the better start: it needs 224x224 pixels and its own preparation (the
# last assignment's `preprocess`), and your `feature_extractor` and `fine_tuner` take it as it is.

# %%
if not grader.grading:
    from pathlib import Path

    from PIL import Image

    folder = Path("photos")
    if folder.is_dir():
        classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
        files = [path for name in classes for path in sorted((folder / name).iterdir())]
        photos = np.stack([np.array(Image.open(path).convert("RGB").resize((32, 32))) for path in files])
        answers = np.array([classes.index(path.parent.name) for path in files])
        order = np.random.default_rng(0).permutation(len(files))
        test, validation, train = np.split(order, [len(order) // 5, 2 * len(order) // 5])
        pairs = [(photos[part], answers[part]) for part in (train, validation)]
        predict = transfer(given.backbone("keras"), *pairs, len(classes))
        print(f"{(predict(photos[test]).argmax(axis=1) == answers[test]).mean():.1%} of {len(test)} photos held back")
    else:
        print("no folder `photos` here")
    try:
        resnet50 = keras.applications.ResNet50(include_top=False, pooling="avg", input_shape=(224, 224, 3))
        logits = feature_extractor(resnet50, 5)(np.zeros((2, 224, 224, 3)))
        print("ResNet-50 of ImageNet with a new head:", logits.shape)
    except Exception as error:
        print(f"ImageNet's weights can't be had here ({error})")
