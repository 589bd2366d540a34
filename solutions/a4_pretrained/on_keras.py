# %% [markdown]
# # Pretrained nets, and a look inside, in Keras
#
# A net that has learned from a million images is worth more than one that you could train tonight. You prepare images
# as such a net wants them, let it name what it sees, look at what its layers make of an image, and find out where its
# parameters are and where its work is done.
#
# Work from top to bottom. Replace each `raise NotImplementedError` by your own code and run the check below it as
# often as you like: it shows what is right, and what was expected where something isn't. NumPy, Pillow and
# `keras.applications` may be used. Drawings are not graded.
#
# **Which net?** ImageNet's weights have to be downloaded, and not every machine may do so. The course therefore brings
# a net of its own: `given.classifier("keras")`, a ResNet with 14 layers for images of 32x32 pixels, trained on the
# course's *image world* (128 classes of drawn shapes and patterns). It stands in for ImageNet's nets, works offline,
# and is looked into in just the same way. Section 6 goes on with ImageNet's own weights where they can be had.
#
# Every model returns **logits** (in `keras.applications`: `classifier_activation=None`). Your functions are tried with
# small functional models that you have not seen.
#
# *The course and its slides are by Dr Kien Nguyen (QUT).*

# %%
# SETUP

# %%
import keras
import numpy as np

import grader
from grader import given

# %% [markdown]
# Meet the image world and its net. `given.images` renders labelled images, `given.prepare` turns them into
# this net's input.

# %%
if not grader.grading:
    import matplotlib.pyplot as plt

    raw, labels, names = given.images("source", "test", 8)
    model = given.classifier("keras")
    figure, axes = plt.subplots(1, len(raw), figsize=(14, 2))
    for axis, image, label in zip(axes, raw, labels, strict=True):
        axis.imshow(image)
        axis.set_title(names[label], fontsize=7)
        axis.axis("off")

# %% [markdown]
# ## 1. What a net expects to see
#
# A pretrained net knows its training images only as they were prepared, and everything else looks strange to it. Give
# it red for blue, or values up to 255 where it saw values around 0, and it still answers, just wrongly. So the recipe
# belongs to the weights. For the ResNets of `keras.applications` (version 1, not `resnet_v2`):
#
# 1. BGR: blue first, the channels of RGB turned round;
# 2. minus the mean (103.939, 116.779, 123.68) of blue, green and red: ImageNet's own; not scaled;
# 3. float32, `n h w c`.
#
# torchvision's ResNets were trained with another recipe (RGB, scaled to 0 .. 1, mean and standard deviation), and
# Keras's ResNet V2 with a third (-1 .. 1). None suits the others.
#
# `preprocess(images, size=224)` takes raw images, a uint8 array `n h w 3` in RGB of any height and width, and returns
# an array or tensor `n size size 3`. How an image gets its size is yours to choose: **stretch** it, or **resize** its
# shorter side and **crop** the middle, with any filter. The whole output must show image: no bars, and no piece cut out
# in full resolution. **Where height and width both equal `size` already, neither resize nor crop**: every pixel stays
# where it is. Leave the argument as it is. (You are judged by images of one colour and of four quarters, to one grey
# level.)


# %%
# QUESTION preprocess
def preprocess(images, size=224):
    """Raw images (n, h, w, 3), uint8 RGB, as the ImageNet ResNets (v1) of Keras want them.

    -> float32 array or tensor (n, size, size, 3)
    """
    ### BEGIN SOLUTION
    x = images.astype("float32")
    if x.shape[1:3] != (size, size):
        x = keras.ops.convert_to_numpy(keras.ops.image.resize(x, (size, size), antialias=True))
    return x[..., ::-1] - np.array([103.939, 116.779, 123.68], dtype="float32")
    ### END SOLUTION


# %%
grader.check("preprocess")

# %% [markdown]
# The image world has its own recipe, with its own statistics, `given.MEAN` and `given.STD`. A net sees at once that
# these inputs are not alike.

# %%
if not grader.grading:
    print("ImageNet's recipe:  ", np.mean(preprocess(raw, size=32), axis=(0, 1, 2)))
    print("the given net's own:", np.mean(given.prepare(raw, "keras"), axis=(0, 1, 2)))

# %% [markdown]
# ## 2. From logits to names
#
# The net gives one logit per class. The softmax turns them into probabilities $p_i = e^{z_i} / \sum_j e^{z_j}$, over
# **all** classes; then the $k$ greatest are looked up in the list of names. ImageNet's competition counted an image as
# right when its class was among the first five (Russakovsky et al. 2014,
# [arXiv:1409.0575](https://arxiv.org/abs/1409.0575), section 4): many images show more than one thing.
#
# Two things are easily forgotten:
#
# - **The mode.** In training mode BatchNorm normalises with the batch's own statistics, and an image's answer depends
#   on its neighbours; it updates its moving statistics too, so that looking changes the net (Ioffe and Szegedy 2015,
#   [arXiv:1502.03167](https://arxiv.org/abs/1502.03167), section 3.1). `predict` runs in evaluation mode, and so does
#   `model(images, training=False)`.
# - **Manners.** Who lends you a net wants it back as it was: weights, moving statistics, `trainable`, its layers and
#   their activations. Some of its layers may be frozen.
#
# `classify(model, images, names, k=5)` takes prepared images and returns one list per image: `k` pairs
# `(name, probability)`, most probable first. `names[i]` is the name of class `i`; `k` is at least 1 and at most the
# number of classes. A batch may hold one image.


# %%
# QUESTION classify
def classify(model, images, names, k=5):
    """The k most probable classes of each prepared image (n, h, w, 3), by a model that returns logits.

    -> n lists of k pairs (name, probability), most probable first
    """
    ### BEGIN SOLUTION
    logits = model(images, training=False)
    probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits, axis=-1))
    best = np.argsort(-probabilities, axis=-1)[:, :k]
    return [
        [(names[number], float(values[number])) for number in row]
        for row, values in zip(best, probabilities, strict=True)
    ]
    ### END SOLUTION


# %%
grader.check("classify")

# %% [markdown]
# What does the given net see? Then give it what it has never seen: classes of the task `"objects"` are strangers to it.
# It answers all the same: a softmax can't say "none of these", it can only spread its doubt over what it knows.

# %%
if not grader.grading:
    for label, guesses in zip(labels, classify(model, given.prepare(raw, "keras"), names, k=3), strict=True):
        print(f"{names[label]:24}", *(f"{name} {probability:.0%}" for name, probability in guesses), sep="   ")
    print("\nstrangers:")
    strangers, strange_labels, strange_names = given.images("objects", "test", 5)
    guessed = classify(model, given.prepare(strangers, "keras"), names, k=2)
    for label, guesses in zip(strange_labels, guessed, strict=True):
        print(f"{strange_names[label]:24}", *(f"{name} {probability:.0%}" for name, probability in guesses), sep="   ")

# %% [markdown]
# ## 3. The first layer's filters
#
# The kernels of the first convolution work on colours and can be drawn as small images. In nets for photos they become
# edges, bars and colour blobs, whatever the task (Krizhevsky, Sutskever and Hinton 2012, Figure 3; Zeiler and Fergus
# 2013, [arXiv:1311.2901](https://arxiv.org/abs/1311.2901)). This is why such nets are worth borrowing: the first layers
# are much the same everywhere. The 3x3 kernels of the given net leave less room, but colour against colour and bright
# against dark can be made out.


# %%
def first_kernels(model):
    """The kernels of the first convolution as images (o, kh, kw, 3), 0 to 1."""
    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    kernels = keras.ops.convert_to_numpy(first.kernel).transpose(3, 0, 1, 2)
    return (kernels - kernels.min()) / (kernels.max() - kernels.min())


if not grader.grading:
    figure, axes = plt.subplots(2, 8, figsize=(10, 3))
    for axis, kernel in zip(axes.flat, first_kernels(model), strict=False):
        axis.imshow(kernel)
        axis.axis("off")

# %% [markdown]
# ## 4. What a layer makes of an image
#
# A **feature map** is one channel of a layer's output: where in the image, and how strongly, the layer finds what it
# looks for. A functional model knows the symbolic output of each of its layers, and a second model can end there:
# `keras.Model(model.input, model.get_layer(name).output)`. It shares the first one's weights; nothing is copied, and
# the first model stays as it is.
#
# `feature_maps(model, images, layer)` gives the output of the layer with this name for prepared images, in evaluation
# mode, as a NumPy array `n h w c`. You are asked for layers with 4-D output that run once. The model is left as it was
# (section 2). An **unknown layer** raises a `ValueError` whose message contains at least two names of layers that the
# model has: an error message ought to help.


# %%
# QUESTION feature_maps
def feature_maps(model, images, layer):
    """What the layer of this name returns for prepared images (n, h, w, 3), in evaluation mode.

    -> NumPy array (n, h, w, c)
    """
    ### BEGIN SOLUTION
    names = [known.name for known in model.layers]
    if layer not in names:
        raise ValueError(f"no layer {layer!r}; there are {', '.join(names)}")
    inside = keras.Model(model.input, model.get_layer(layer).output)
    return keras.ops.convert_to_numpy(inside(images, training=False))
    ### END SOLUTION


# %%
grader.check("feature_maps")

# %% [markdown]
# Draw the first channels of every stage for one image. Early maps still look like the image; later ones are coarse and
# each says "something of my kind is here" (Zeiler and Fergus 2013, Figure 2).

# %%
if not grader.grading:
    stages = ("conv1_", "conv2_", "conv3_", "conv4_")
    lasts = [[layer.name for layer in model.layers if layer.name.startswith(stage)][-1] for stage in stages]
    figure, axes = plt.subplots(4, 8, figsize=(12, 6))
    for row, layer in zip(axes, lasts, strict=True):
        maps = feature_maps(model, given.prepare(raw[:1], "keras"), layer)
        for channel, axis in enumerate(row):
            axis.imshow(maps[0, :, :, channel], cmap="gray")
            axis.axis("off")
        row[0].set_title(f"{layer}: {maps.shape[1]} x {maps.shape[2]} pixels", fontsize=8, loc="left")

# %% [markdown]
# ## 5. Where the parameters are, and where the work is
#
# Table 1 of the ResNet paper (He et al. 2015, [arXiv:1512.03385](https://arxiv.org/abs/1512.03385)) gives each net's
# work in *FLOPs*, and counts **multiply-adds**: one product, added to a sum. A convolution computes each number of its
# output from one kernel:
#
# $$\text{multiply-adds} = h_\text{out} \cdot w_\text{out} \cdot c_\text{out} \cdot
# \frac{c_\text{in}}{\text{groups}} \cdot k_h \cdot k_w$$
#
# With groups, an output channel sees the input channels of its own group only; a depthwise convolution has as many
# groups as channels. A dense layer takes one multiply-add per weight. Biases are additions and don't count.
#
# `layer_table(model, input_shape)` returns a list of tuples `(name, output_shape, parameters, multiply_adds)`:
#
# - one for each **layer with parameters** (`count_params() > 0`), in an order in which a layer comes after those that
#   it depends on (that of `model.layers` is right);
# - `output_shape` without the batch, here `(h, w, c)` or `(features,)`; `input_shape` is the shape of one image. Some
#   models take images of any size: their layers' symbolic outputs have `None` for height and width, yours must not;
# - `parameters`: all of the layer's, as `count_params()`: frozen ones and BatchNorm's moving statistics too;
# - `multiply_adds` for one image, for `Conv2D`, `DepthwiseConv2D` (which is no subclass of `Conv2D`) and for `Dense` on
#   2-D input, as above; 0 for all other layers.
#
# Every layer of the models that are asked about runs once, and there are no models inside models. The model is left as
# it was.


# %%
# QUESTION layer_table
def layer_table(model, input_shape):
    """Of each layer with parameters: (name, output_shape, parameters, multiply_adds)."""
    ### BEGIN SOLUTION
    layers = [layer for layer in model.layers if layer.count_params() > 0]
    inside = keras.Model(model.input, [layer.output for layer in layers])
    outputs = inside(np.zeros((1, *input_shape), dtype="float32"), training=False)
    rows = []
    for layer, output in zip(layers, outputs, strict=True):
        shape = tuple(output.shape)[1:]
        multiply_adds = 0
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            multiply_adds = int(np.prod(layer.kernel.shape)) * shape[0] * shape[1]
        elif isinstance(layer, keras.layers.Dense):
            multiply_adds = int(np.prod(layer.kernel.shape))
        rows.append((layer.name, shape, layer.count_params(), multiply_adds))
    return rows
    ### END SOLUTION


# %%
grader.check("layer_table")

# %% [markdown]
# Now the ResNet-50 of Keras, built without weights: nothing is downloaded. The sums are 25,636,712 parameters (all of
# BatchNorm's moving statistics among them) and 3.86 billion multiply-adds: the stride of a bottleneck is on its first
# 1x1 convolution, as in the paper, which says 3.8 billion. Most of the parameters sit late, where there are many
# channels. The work is spread over all stages: each halves the map's sides and doubles the channels. And the dense
# layer, 8 % of the parameters, does next to no work.

# %%
if not grader.grading:
    resnet50 = keras.applications.ResNet50(weights=None, classifier_activation=None)
    table = layer_table(resnet50, (224, 224, 3))
    for name, shape, parameters, multiply_adds in table[:6] + table[-3:]:
        print(f"{name:24} {shape!s:16} {parameters:>10,} parameters {multiply_adds:>12,} multiply-adds")
    total = [sum(row[column] for row in table) for column in (2, 3)]
    print(f"{len(table)} layers, {total[0]:,} parameters, {total[1]:,} multiply-adds")
    stages = ["conv1", "conv2", "conv3", "conv4", "conv5", "predictions"]
    figure, axes = plt.subplots(1, 2, figsize=(10, 3))
    for axis, column, title in zip(axes, (2, 3), ("parameters", "multiply-adds"), strict=True):
        axis.bar(stages, [sum(row[column] for row in table if row[0].startswith(stage)) for stage in stages])
        axis.set_title(title)

# %% [markdown]
# ## 6. ImageNet's own weights, where they can be had
#
# With internet, Keras downloads the weights of ResNet-50 (100 MB, once) and the names of ImageNet's classes. Put a
# photo of your own beside this notebook as `photo.jpg`. **Without internet the course's net stands in**, and says so;
# without a photo, an image of the image world does, which ImageNet's classes know nothing of.

# %%
if not grader.grading:
    from pathlib import Path

    from PIL import Image

    photo = raw[:1]
    if Path("photo.jpg").exists():
        photo = np.array(Image.open("photo.jpg").convert("RGB"))[None]
    try:
        net = keras.applications.ResNet50(weights="imagenet", classifier_activation=None)
        order = keras.applications.resnet.decode_predictions(-np.arange(1000.0)[None], top=1000)[0]
        classes = [name for _, name, _ in order]  # falling scores give the names in the order of the classes
        prepared, looked_at = preprocess(photo), "conv2_block3_out"
        print("ResNet-50 with ImageNet's weights:")
    except Exception as error:
        net, classes, looked_at = model, names, lasts[1]
        small = np.array(Image.fromarray(photo[0]).resize((32, 32)))[None]
        prepared = given.prepare(small, "keras")
        print(f"ImageNet's weights can't be had ({error}): the course's own net stands in, with its own classes.")
    for name, probability in classify(net, prepared, classes)[0]:
        print(f"{probability:6.1%}  {name}")
    kernels, maps = first_kernels(net), feature_maps(net, prepared, looked_at)[0]
    figure, axes = plt.subplots(2, 8, figsize=(12, 3))
    for number in range(8):
        axes[0, number].imshow(kernels[number])
        axes[1, number].imshow(maps[:, :, number], cmap="gray")
        axes[0, number].axis("off")
        axes[1, number].axis("off")
