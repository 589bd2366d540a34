# %% [markdown]
# # Transfer learning with ResNet, in PyTorch
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
# **The backbone.** `given.backbone("torch")` is a ResNet with 14 layers, pretrained on 128 classes of the course's
# image world (32x32 images). It stands in for ImageNet's nets and is named as torchvision names them: `conv1`, `bn1`,
# `relu`, `maxpool` (here an identity), the stages `layer1` .. `layer3`, `avgpool`, and a dense head `fc` whose
# `in_features` says how many features it takes. Its `children()` in order, with a flatten before `fc`, are its forward
# pass. It comes afresh at each call, all of it trainable, in evaluation mode. **ImageNet's ResNets have four stages and
# other widths, and your functions must fit them too**: they are tried with backbones that you haven't seen.
#
# Every model returns **logits**.
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
# pooled features, and gives `num_classes` logits. A dropout before it is allowed, nothing else. The pretrained weights
# are really in the model: the backbone may be changed in place or copied, and must be registered, as an attribute.
# **Nothing but the head learns.** You are judged by what moves when an optimizer over *all* parameters takes several
# steps in training mode; how you achieve that is yours (`requires_grad` itself isn't looked at). In what order you
# freeze and replace the head makes a difference.
#
# ### Frozen weights are not enough
#
# BatchNorm has two things that are no parameters: its running mean and variance (Ioffe and Szegedy 2015,
# [arXiv:1502.03167](https://arxiv.org/abs/1502.03167), section 3.1). `requires_grad = False` doesn't touch them. In
# **training mode** the layer normalises with the *batch's* statistics and moves its running ones towards them: the
# features change with every batch, although no weight learns. Many tutorials overlook it. What is frozen here
#
# - keeps its running statistics to the last bit (`num_batches_tracked` is free), **and**
# - normalises with them in training mode too, so that an image's features don't depend on the rest of the batch.
#
# BatchNorm follows the *mode*. `model.train()` sets the mode of all modules below, and is called before each epoch: a
# single `eval()` in your function is undone by it. A module of your own can override `train(self, mode=True)`, which
# returns the module, and decide which of its parts really change.


# %%
# QUESTION feature_extractor
def feature_extractor(backbone, num_classes):
    """A frozen pretrained backbone with one new dense layer, which alone learns.

    prepared images (n, 3, h, w) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    return Transferred(backbone, num_classes)


class Transferred(nn.Module):
    """A pretrained body and a new head; the named parts of the body learn, the others stay as they are."""

    def __init__(self, backbone, num_classes, learning=()):
        super().__init__()
        self.head = nn.Linear(backbone.fc.in_features, num_classes)
        self.body = backbone
        self.body.fc = nn.Identity()
        self.body.requires_grad_(False)
        self.learning = tuple(learning)
        for name in self.learning:
            getattr(self.body, name).requires_grad_(True)

    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        for name in self.learning:
            getattr(self.body, name).train(mode)
        return self

    def forward(self, x):
        return self.head(self.body(x))

    ### END SOLUTION


# %%
grader.check("feature_extractor")

# %% [markdown]
# See the trap with your own eyes: a frozen backbone in training mode and in evaluation mode, on the same images.

# %%
if not grader.grading:
    backbone, images = given.backbone("torch").requires_grad_(False), given.prepare(raw, "torch")
    with torch.no_grad():
        right = backbone(images)
        before = backbone.bn1.running_mean.clone()
        wrong = backbone.train()(images)
    print("logits differ by up to", (right - wrong).abs().max().item())
    print("a frozen running mean moved by up to", (backbone.bn1.running_mean - before).abs().max().item())

# %% [markdown]
# ## 2. Fine-tuning the last stages
#
# With more images, the last stages may adapt: they are the ones that belong to the old classes. `fine_tuner(backbone,
# num_classes, stages)` is the same model, and the last `stages` stages (1 .. N) learn too:
#
# - **every convolution** of theirs learns, the projections of their shortcuts too. Their BatchNorm may learn, or stay
#   frozen with its statistics: both are done;
# - **everything before them is frozen** as in section 1, the stem (`conv1`, `bn1`) included. Only at `stages=N` the
#   stem is free.
#
# Don't name the last stage: find out how many there are. The given backbone has three, ImageNet's have four.
#
# Your model with `stages=1` is also trained: 64 steps of 16 images, SGD with momentum 0.9, the head at a rate of 0.05
# and the rest at a tenth of it (what your groups in section 3 say). It has to recognise 40 % of the unseen images.


# %%
# QUESTION fine_tuner
def fine_tuner(backbone, num_classes, stages):
    """A pretrained backbone with one new dense layer, in which the last `stages` stages learn too.

    prepared images (n, 3, h, w) -> logits (n, num_classes)
    """
    ### BEGIN SOLUTION
    names = [name for name, _ in backbone.named_children() if name.startswith("layer")]
    return Transferred(backbone, num_classes, names[-stages:])
    ### END SOLUTION


# %%
grader.check("fine_tuner")

# %% [markdown]
# ## 3. Two rates
#
# The head starts from nothing, and its first gradients are large and mean little. The pretrained weights are near a
# good place already. At one rate for both, the head's early errors wash out what was pretrained. So the head learns at
# `lr`, the rest at `lr / 10`: *discriminative* rates (Howard and Ruder 2018,
# [arXiv:1801.06146](https://arxiv.org/abs/1801.06146), section 3.2).
#
# `parameter_groups(model, lr)` gets a model of your own `fine_tuner` (or of `feature_extractor`) and returns the groups
# for an optimizer, as in `torch.optim.SGD(parameter_groups(model, lr), lr=..., momentum=0.9)`: dicts with `params` and
# `lr`. **The head is at `lr`, all else that learns at `lr / 10`, every group states its rate, and each trainable
# parameter is in exactly one group, once**: biases and BatchNorm's scales too. Frozen parameters may be in or out. More
# than two groups, generators and pairs of name and parameter are fine.


# %%
# QUESTION parameter_groups
def parameter_groups(model, lr):
    """Parameter groups for an optimizer: the head at `lr`, all else that learns at `lr / 10`."""
    ### BEGIN SOLUTION
    rest = [parameter for parameter in model.body.parameters() if parameter.requires_grad]
    return [{"params": list(model.head.parameters()), "lr": lr}, {"params": rest, "lr": lr / 10}]
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
#   (or `given.prepare(images, "torch")`), the same in training and in `predict`. What is forgotten in one of them costs
#   more than any choice of strategy.
# - `predict(images)` takes raw images and returns a NumPy array `n num_classes` of real numbers, of which the greatest
#   wins; logits, not probabilities. An image gets the same scores alone and in any batch.
# - Which strategy you choose is free. **At most 20,000 images may pass the first convolution** of the backbone during
#   `transfer`, validation included, copies of the backbone too (the way back and `predict` afterwards don't count). A
#   frozen body gives the same features each time: compute them once, and the budget is no worry.
# - No argument is changed: work on copies, and shuffle an index rather than the arrays.
# - **Nothing is trained on `validation`**; it is for choosing, such as when to stop. As in life, a few of its labels
#   are odd.
# - It has to recognise **40 % of 200 images** that are drawn when you are graded and exist nowhere before. (Right
#   programs of many kinds reach 80 to 98 %; guessing gives 10 %.)


# %%
# QUESTION transfer
def transfer(backbone, train, validation, num_classes):
    """Learn a new task from raw images (n, 32, 32, 3) uint8 and labels (n,).

    -> predict: raw images (n, 32, 32, 3) uint8 -> scores (n, num_classes)
    """
    ### BEGIN SOLUTION
    model = feature_extractor(backbone, num_classes)
    features, labels = pooled(model, train[0]), torch.tensor(train[1])
    held_out, right = pooled(model, validation[0]), torch.tensor(validation[1])
    optimizer = torch.optim.SGD(model.head.parameters(), lr=0.1, momentum=0.9)
    best, kept = -1, None
    for _ in range(40):
        for batch in torch.randperm(len(labels)).split(32):
            loss = F.cross_entropy(model.head(features[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            found = (model.head(held_out).argmax(dim=1) == right).sum().item()
        if found >= best:
            best, kept = found, [parameter.detach().clone() for parameter in model.head.parameters()]
    with torch.no_grad():
        for parameter, value in zip(model.head.parameters(), kept, strict=True):
            parameter.copy_(value)

    def predict(images):
        with torch.no_grad():
            return model.head(pooled(model, images)).numpy()

    return predict


def pooled(model, images):
    """Raw images (n, 32, 32, 3) -> pooled features (n, d) of the frozen body, in evaluation mode."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model.body(part) for part in given.prepare(images, "torch").split(100)])
    ### END SOLUTION


# %%
grader.check("transfer")

# %% [markdown]
# Look at what it gets wrong.

# %%
if not grader.grading:
    raw, labels, names = given.images("objects", "train", 150)
    validation = given.images("objects", "validation", 75)[:2]
    predict = transfer(given.backbone("torch"), (raw, labels), validation, len(names))
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
# computed once; your `fine_tuner` lets one stage learn, then all. This takes about two minutes on a CPU, less on a GPU.


# %%
def staged(backbone, stage, images):
    """Raw images -> the pooled features of a stage, (n, d)."""
    parts = [part for name, part in backbone.named_children() if name != "fc"]
    body = nn.Sequential(*parts[: 4 + stage], nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval().to(device)
    with torch.no_grad():
        return torch.cat([body(part.to(device)) for part in given.prepare(images, "torch").split(100)])


def trained(model, groups, images, labels, epochs, batch_size=16):
    """The model after SGD with momentum over these groups."""
    optimizer = torch.optim.SGD(groups, lr=0.05, momentum=0.9)
    for _ in range(epochs):
        model.train()
        for batch in torch.randperm(len(labels), device=device).split(batch_size):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def accuracy(model, images, labels):
    """The share of right answers, in evaluation mode."""
    model.eval()
    with torch.no_grad():
        scores = torch.cat([model(part) for part in images.split(100)])
    return (scores.argmax(dim=1).cpu().numpy() == labels).mean()


if not grader.grading:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")  # on Colab: Runtime, Change runtime type, GPU
    print(f"on {device}\n{'':23}{'stage 1':>9}{'stage 2':>9}{'stage 3':>9}{'few':>9}{'many':>9}")
    for task, amounts in {"objects": (10, 100), "emoji": (15, 80)}.items():
        test_images, right, names = given.images(task, "test")
        for amount in amounts:
            raw, labels, _ = given.images(task, "train", amount * len(names))
            labels, row = torch.tensor(labels, device=device), []
            for stage in (1, 2, 3):
                features = staged(given.backbone("torch"), stage, raw)
                mean, deviation = features.mean(0), features.std(0) + 1e-6
                head = nn.Linear(features.shape[1], len(names)).to(device)
                trained(head, head.parameters(), (features - mean) / deviation, labels, 100)
                features = staged(given.backbone("torch"), stage, test_images)
                row.append(accuracy(head, (features - mean) / deviation, right))
            images, unseen = (given.prepare(each, "torch").to(device) for each in (raw, test_images))
            for stages in (1, 3):
                model = fine_tuner(given.backbone("torch"), len(names), stages).to(device)
                trained(model, parameter_groups(model, 0.05), images, labels, 10 if len(labels) < 500 else 4)
                row.append(accuracy(model, unseen, right))
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
    before = given.backbone("torch").state_dict()
    kernels = before["conv1.weight"].permute(0, 2, 3, 1).numpy()
    figure, axes = plt.subplots(1, 16, figsize=(12, 1))
    for axis, kernel in zip(axes, (kernels - kernels.min()) / np.ptp(kernels), strict=True):
        axis.imshow(kernel)
        axis.axis("off")
    after = [value.cpu() for value in model.state_dict().values()]
    for stage in ("conv1", "layer1", "layer2", "layer3"):
        moves = []
        for name, value in before.items():
            if (
                name.startswith(stage) and value.ndim == 4
            ):  # the tensor of this shape that is nearest is the same layer's
                moves.append(min((new - value).norm() / value.norm() for new in after if new.shape == value.shape))
        print(f"{stage:8} moved by {np.mean(moves):6.1%} of its size")

# %% [markdown]
# ## 8. Your own images
#
# Put your images into a folder with one folder per class (`photos/cat/1.jpg`, `photos/dog/7.png`, ...) beside this
# notebook. On Colab, Google Drive can hold them: run `from google.colab import drive; drive.mount("/content/drive")`
# in a cell of its own and set `folder` to a path below `/content/drive/MyDrive`. The images become 32x32 for the given
# backbone. For photos ImageNet's ResNet-18 is the better start: it needs 224x224 pixels and its own preparation (the
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
        predict = transfer(given.backbone("torch"), *pairs, len(classes))
        print(f"{(predict(photos[test]).argmax(axis=1) == answers[test]).mean():.1%} of {len(test)} photos held back")
    else:
        print("no folder `photos` here")
    try:
        import torchvision

        resnet18 = torchvision.models.resnet18(weights=torchvision.models.ResNet18_Weights.IMAGENET1K_V1)
        logits = feature_extractor(resnet18, 5).eval()(torch.zeros(2, 3, 224, 224))
        print("ResNet-18 of ImageNet with a new head:", logits.shape)
    except (ImportError, OSError) as error:
        print(f"ImageNet's weights can't be had here ({error})")
