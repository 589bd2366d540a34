# %% [markdown]
# # Pretrained nets, and a look inside, in PyTorch
#
# A net that has learned from a million images is worth more than one that you could train tonight. You prepare images
# as such a net wants them, let it name what it sees, look at what its layers make of an image, and find out where its
# parameters are and where its work is done.
#
# Work from top to bottom. Replace each `raise NotImplementedError` by your own code and run the check below it as
# often as you like: it shows what is right, and what was expected where something isn't. NumPy, Pillow and torchvision
# may be used. Drawings are not graded.
#
# **Which net?** ImageNet's weights have to be downloaded, and not every machine may do so. The course therefore brings
# a net of its own: `given.classifier("torch")`, a ResNet with 14 layers for images of 32x32 pixels, trained on the
# course's *image world* (128 classes of drawn shapes and patterns). It stands in for ImageNet's nets, works offline,
# and is looked into in just the same way. Section 6 goes on with ImageNet's own weights where they can be had.
#
# Every model returns **logits**. Your functions are tried with small nets that you have not seen.
#
# *The course and its slides are by Dr Kien Nguyen (QUT).*

# %%
# SETUP

# %%
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import grader
from grader import given

# %% [markdown]
# Meet the image world and its net. `given.images` renders labelled images, `given.prepare` turns them into
# this net's input.

# %%
if not grader.grading:
    import matplotlib.pyplot as plt

    raw, labels, names = given.images("source", "test", 8)
    model = given.classifier("torch")
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
# belongs to the weights. For ImageNet's ResNets in torchvision (see the weights' `transforms()`):
#
# 1. RGB, scaled from 0 .. 255 to 0 .. 1;
# 2. minus the mean (0.485, 0.456, 0.406), over the standard deviation (0.229, 0.224, 0.225), channel by channel:
#    ImageNet's own statistics;
# 3. float32, `n c h w`.
#
# Keras's ResNets were trained with another recipe (BGR, mean subtracted, not scaled). Neither suits the other.
#
# `preprocess(images, size=224)` takes raw images, a uint8 array `n h w 3` in RGB of any height and width, and returns
# the tensor `n 3 size size`. How an image gets its size is yours to choose: **stretch** it, or **resize** its shorter
# side and **crop** the middle, with any filter. The whole output must show image: no bars, and no piece cut out in full
# resolution. **Where height and width both equal `size` already, neither resize nor crop**: every pixel stays where it
# is. Leave the argument as it is. (You are judged by images of one colour and of four quarters, to one grey level.)


# %%
# QUESTION preprocess
def preprocess(images, size=224):
    """Raw images (n, h, w, 3), uint8 RGB, as torchvision's ImageNet ResNets want them.

    -> float32 tensor (n, 3, size, size)
    """
    ### BEGIN SOLUTION
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    if x.shape[-2:] != (size, size):
        x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return (x - mean) / std
    ### END SOLUTION


# %%
grader.check("preprocess")

# %% [markdown]
# The image world has its own statistics, `given.MEAN` and `given.STD`. The two recipes look alike and are not the same.

# %%
if not grader.grading:
    print("ImageNet's recipe:  ", preprocess(raw, size=32).mean((0, 2, 3)))
    print("the given net's own:", given.prepare(raw, "torch").mean((0, 2, 3)))

# %% [markdown]
# ## 2. From logits to names
#
# The net gives one logit per class. The softmax turns them into probabilities $p_i = e^{z_i} / \sum_j e^{z_j}$, over
# **all** classes; then the $k$ greatest are looked up in the list of names. ImageNet's competition counted an image as
# right when its class was among the first five (Russakovsky et al. 2014, [arXiv:1409.0575](https://arxiv.org/abs/1409.0575),
# section 4): many images show more than one thing.
#
# Two things are easily forgotten:
#
# - **The mode.** In training mode BatchNorm normalises with the batch's own statistics, and an image's answer depends
#   on its neighbours; it updates its running statistics too, so that looking changes the net (Ioffe and Szegedy 2015,
#   [arXiv:1502.03167](https://arxiv.org/abs/1502.03167), section 3.1). A net comes to you in either mode.
# - **Manners.** Who lends you a net wants it back as it was: weights, running statistics, `requires_grad` and `.grad`,
#   hooks, the mode, and whether gradients are switched on. A net arrives wholly in one mode, so that
#   `model.train(was)` at the end is enough; some of its layers may be frozen. You need no gradients here.
#
# `classify(model, images, names, k=5)` takes prepared images and returns one list per image: `k` pairs
# `(name, probability)`, most probable first. `names[i]` is the name of class `i`; `k` is at least 1 and at most the
# number of classes. A batch may hold one image.


# %%
# QUESTION classify
def classify(model, images, names, k=5):
    """The k most probable classes of each prepared image (n, 3, h, w), by a model that returns logits.

    -> n lists of k pairs (name, probability), most probable first
    """
    ### BEGIN SOLUTION
    was = model.training
    model.eval()
    with torch.no_grad():
        probabilities = model(images).softmax(dim=1)
    model.train(was)
    best, numbers = probabilities.topk(k, dim=1)
    return [
        [(names[number], probability) for number, probability in zip(row, values, strict=True)]
        for row, values in zip(numbers.tolist(), best.tolist(), strict=True)
    ]
    ### END SOLUTION


# %%
grader.check("classify")

# %% [markdown]
# What does the given net see? Then give it what it has never seen: classes of the task `"objects"` are strangers to it.
# It answers all the same: a softmax can't say "none of these", it can only spread its doubt over what it knows.

# %%
if not grader.grading:
    for label, guesses in zip(labels, classify(model, given.prepare(raw, "torch"), names, k=3), strict=True):
        print(f"{names[label]:24}", *(f"{name} {probability:.0%}" for name, probability in guesses), sep="   ")
    print("\nstrangers:")
    strangers, strange_labels, strange_names = given.images("objects", "test", 5)
    guessed = classify(model, given.prepare(strangers, "torch"), names, k=2)
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
if not grader.grading:
    kernels = model.conv1.weight.detach().permute(0, 2, 3, 1).numpy()  # o, kh, kw, 3
    kernels = (kernels - kernels.min()) / (kernels.max() - kernels.min())
    figure, axes = plt.subplots(2, 8, figsize=(10, 3))
    for axis, kernel in zip(axes.flat, kernels, strict=False):
        axis.imshow(kernel)
        axis.axis("off")

# %% [markdown]
# ## 4. What a layer makes of an image
#
# A **feature map** is one channel of a layer's output: where in the image, and how strongly, the layer finds what it
# looks for. To get at it, hang a **forward hook** on the layer: `module.register_forward_hook(f)` calls
# `f(module, inputs, output)` each time the layer runs, and returns a handle whose `remove()` takes the hook off again.
#
# There is a trap. Many nets save memory with `nn.ReLU(inplace=True)`: it overwrites the tensor that the layer before
# has just returned. A hook that keeps that tensor holds the map *after* the ReLU (in torchvision's ResNet-18 for every
# `bn1`). You want what the layer returned itself: **copy it inside the hook**.
#
# `feature_maps(model, images, layer)` gives the output of the layer with this name for prepared images, in evaluation
# mode, as a NumPy array `n h w c`. The name is the dotted one of `named_modules()`, such as `layer1.0.bn2` or, for a
# whole stage, `layer2`. You are asked for layers with 4-D output that run once. Afterwards no hook is left, and the
# model is as it was (section 2). An **unknown layer** raises a `ValueError` whose message contains at least two names
# of layers that the model has: an error message ought to help.


# %%
# QUESTION feature_maps
def feature_maps(model, images, layer):
    """What the layer of this name returns for prepared images (n, 3, h, w), in evaluation mode.

    -> NumPy array (n, h, w, c)
    """
    ### BEGIN SOLUTION
    modules = dict(model.named_modules())
    if layer not in modules:
        raise ValueError(f"no layer {layer!r}; there are {', '.join(name for name in modules if name)}")
    kept = []
    handle = modules[layer].register_forward_hook(lambda module, inputs, output: kept.append(output.clone()))
    was = model.training
    model.eval()
    with torch.no_grad():
        model(images)
    model.train(was)
    handle.remove()
    return kept[0].permute(0, 2, 3, 1).numpy()
    ### END SOLUTION


# %%
grader.check("feature_maps")

# %% [markdown]
# Draw the first channels of every stage for one image. Early maps still look like the image; later ones are coarse and
# each says "something of my kind is here" (Zeiler and Fergus 2013, Figure 2).

# %%
if not grader.grading:
    figure, axes = plt.subplots(4, 8, figsize=(12, 6))
    for row, layer in zip(axes, ["bn1", "layer1", "layer2", "layer3"], strict=True):
        maps = feature_maps(model, given.prepare(raw[:1], "torch"), layer)
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
# - one for each **module without children that has parameters**, in the **order of execution** (a model may register
#   its modules in another order than it runs them);
# - `output_shape` without the batch, here `(c, h, w)` or `(features,)`; `input_shape` is the shape of one image;
# - `parameters`: elements of the layer's parameters, frozen ones included. BatchNorm's running statistics are buffers,
#   no parameters;
# - `multiply_adds` for one image, for `nn.Conv2d` and for `nn.Linear` on 2-D input, as above; 0 for all other layers.
#
# Every layer of the models that are asked about runs once. The model is left as it was.


# %%
# QUESTION layer_table
def layer_table(model, input_shape):
    """Of each layer with parameters, in order of execution: (name, output_shape, parameters, multiply_adds)."""
    ### BEGIN SOLUTION
    rows, handles = [], []

    def watch(name, module):
        def hook(module, inputs, output):
            multiply_adds = 0
            if isinstance(module, nn.Conv2d):
                multiply_adds = module.weight.numel() * output.shape[2] * output.shape[3]
            elif isinstance(module, nn.Linear):
                multiply_adds = module.weight.numel()
            parameters = sum(parameter.numel() for parameter in module.parameters())
            rows.append((name, tuple(output.shape[1:]), parameters, multiply_adds))

        handles.append(module.register_forward_hook(hook))

    for name, module in model.named_modules():
        if not list(module.children()) and list(module.parameters()):
            watch(name, module)
    was = model.training
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, *input_shape))
    model.train(was)
    for handle in handles:
        handle.remove()
    return rows
    ### END SOLUTION


# %%
grader.check("layer_table")

# %% [markdown]
# Now torchvision's ResNet-50, built without weights: nothing is downloaded. The sums are 25,557,032 parameters and 4.1
# billion multiply-adds. The paper says 3.8 billion: torchvision puts the stride of a bottleneck on its 3x3 convolution.
# Most of the parameters sit late, where there are many channels. The work is spread over all stages: each halves the
# map's sides and doubles the channels. And the dense layer, 8 % of the parameters, does next to no work.

# %%
if not grader.grading:
    import torchvision

    resnet50 = torchvision.models.resnet50(weights=None)
    table = layer_table(resnet50, (3, 224, 224))
    for name, shape, parameters, multiply_adds in table[:6] + table[-3:]:
        print(f"{name:24} {shape!s:16} {parameters:>10,} parameters {multiply_adds:>12,} multiply-adds")
    total = [sum(row[column] for row in table) for column in (2, 3)]
    print(f"{len(table)} layers, {total[0]:,} parameters, {total[1]:,} multiply-adds")
    stages = ["conv1", "layer1", "layer2", "layer3", "layer4", "fc"]
    figure, axes = plt.subplots(1, 2, figsize=(10, 3))
    for axis, column, title in zip(axes, (2, 3), ("parameters", "multiply-adds"), strict=True):
        axis.bar(stages, [sum(row[column] for row in table if row[0].startswith(stage)) for stage in stages])
        axis.set_title(title)

# %% [markdown]
# ## 6. ImageNet's own weights, where they can be had
#
# With internet, torchvision downloads the weights of ResNet-50 (100 MB, once). Put a photo of your own beside this
# notebook as `photo.jpg`. **Without internet the course's net stands in**, and says so; without a photo, an image of
# the image world does, which ImageNet's classes know nothing of.

# %%
if not grader.grading:
    from pathlib import Path

    from PIL import Image

    photo = raw[:1]
    if Path("photo.jpg").exists():
        photo = np.array(Image.open("photo.jpg").convert("RGB"))[None]
    try:
        weights = torchvision.models.ResNet50_Weights.IMAGENET1K_V2
        net, classes = torchvision.models.resnet50(weights=weights), weights.meta["categories"]
        prepared, first, looked_at = preprocess(photo), net.conv1.weight, "layer1"
        print("ResNet-50 with ImageNet's weights:")
    except OSError as error:
        net, classes = model, names
        small = np.array(Image.fromarray(photo[0]).resize((32, 32)))[None]
        prepared, first, looked_at = given.prepare(small, "torch"), net.conv1.weight, "layer1"
        print(f"ImageNet's weights can't be had ({error}): the course's own net stands in, with its own classes.")
    for name, probability in classify(net, prepared, classes)[0]:
        print(f"{probability:6.1%}  {name}")
    kernels = first.detach().permute(0, 2, 3, 1).numpy()
    kernels = (kernels - kernels.min()) / (kernels.max() - kernels.min())
    maps = feature_maps(net, prepared, looked_at)[0]
    figure, axes = plt.subplots(2, 8, figsize=(12, 3))
    for number in range(8):
        axes[0, number].imshow(kernels[number])
        axes[1, number].imshow(maps[:, :, number], cmap="gray")
        axes[0, number].axis("off")
        axes[1, number].axis("off")
