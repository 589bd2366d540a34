# %% [markdown]
# # Training a ResNet in practice, in PyTorch
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
# loss (`F.cross_entropy`, `nn.CrossEntropyLoss`), which computes it more exactly. A second softmax before the loss
# would flatten its gradients.
#
# *The course and its slides are by Dr Kien Nguyen (QUT).*

# %%
# SETUP

# %%
import copy

import torch
from torch import nn
from torch.nn import functional as F

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
# `init_weights(model)` changes the model that it is given, in place:
#
# - the kernel of every `nn.Conv2d` in it, at any depth, is drawn from a **normal** distribution of mean 0 and standard
#   deviation sqrt(2 / fan), fan-in or fan-out, the same choice throughout; no two layers get the same numbers;
# - biases of convolutions become 0;
# - BatchNorm starts as "normalise and nothing else": scale (`weight`) 1, shift (`bias`) 0. (A zero scale in the last
#   BatchNorm of each block is another recipe, by Goyal et al. 2017, and not this one.)
#
# Dense layers are yours. You may set a seed inside; what you return is ignored.


# %%
# QUESTION init_weights
def init_weights(model):
    """Initialise every convolution and every BatchNorm of a model in place, after He et al. 2015."""
    ### BEGIN SOLUTION
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
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
# decay 1e-5, over all parameters of the model that are trainable. The decay is the optimizer's business, not the
# loss's. Leaving biases and BatchNorm out of the decay is right too.


# %%
# QUESTION make_optimizer
def make_optimizer(model):
    """SGD with learning rate 0.1, momentum 0.9 and weight decay 1e-5 over the trainable parameters of a model."""
    ### BEGIN SOLUTION
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return torch.optim.SGD(trainable, lr=0.1, momentum=0.9, weight_decay=1e-5)
    ### END SOLUTION


# %%
grader.check("make_optimizer")

# %% [markdown]
# ## 3. The schedule
#
# Large steps find the valley, small ones its floor. The paper begins with 0.1 and divides the rate by 10 "when the
# error plateaus" (section 3.4).
#
# `make_schedule(optimizer, patience=5)` gives an object whose `step(error)` is called after each epoch with that
# epoch's validation error, a float (lower is better). When `patience` epochs have passed without a new best error (or
# `patience + 1`, as PyTorch counts it; the same number each time), the learning rate of **every** group of the
# optimizer is divided by 10. Then the count begins again, so that a long plateau divides the rate again and again. A
# new best error sets the count back. "Best" is the best of all epochs, not the last one, and no error of the check
# ties with it (each gain is larger than 0.001). A floor of 1e-5 or less for the rate is allowed.


# %%
# QUESTION make_schedule
def make_schedule(optimizer, patience=5):
    """A schedule whose `step(error)` divides all learning rates by 10 on a plateau of the validation error."""
    ### BEGIN SOLUTION
    return torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.1, patience=patience)
    ### END SOLUTION


# %%
grader.check("make_schedule")

# %% [markdown]
# ## 4. The training loop
#
# `fit(model, train, validation, epochs, batch_size=256)` puts it together. `train` and `validation` are pairs
# `(images, labels)` of tensors: prepared images (n, c, h, w), labels from 0. It uses your own `make_optimizer` and
# `make_schedule` (with its default patience): a mistake in them costs points there and not here. Each epoch
#
# 1. passes **every** training image once, in batches of `batch_size`, the short last batch included, in a **new
#    random order**, in **training mode**; for each batch gradients are set to zero, the *mean* cross-entropy of the
#    logits is computed, and one step is taken. Nothing is added: no augmentation, no clipping, no smoothing;
# 2. evaluates all validation images in **evaluation mode**. In training mode BatchNorm would normalise them with their
#    own batch and, worse, move its running statistics: validation must not change the model, and nothing is learnt
#    from it;
# 3. gives the schedule the epoch's error: `val_loss`, or 1 - accuracy.
#
# Keep the weights **and running statistics** of the epoch with the best validation accuracy (any of them on a tie),
# and leave the model with these at the end. Beware: `model.state_dict()` holds references to the tensors, which go on
# changing; keep a copy. The model's mode at the end is yours. You may write into the current folder.
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
def evaluate(model, images, labels, batch_size):
    """Mean loss per image and share of right answers, in evaluation mode: two floats."""
    ### BEGIN SOLUTION
    model.eval()
    loss, right = 0.0, 0
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size), strict=True):
            logits = model(x)
            loss += F.cross_entropy(logits, y, reduction="sum").item()
            right += (logits.argmax(dim=1) == y).sum().item()
    return loss / len(labels), right / len(labels)
    ### END SOLUTION


def fit(model, train, validation, epochs, batch_size=256):
    """Train a model and leave it as it was after its best epoch; returns the history, a dict of lists."""
    ### BEGIN SOLUTION
    images, labels = train
    optimizer = make_optimizer(model)
    schedule = make_schedule(optimizer)
    history = {"loss": [], "val_loss": [], "val_accuracy": [], "lr": []}
    best_accuracy, best_state = -1.0, None
    for _ in range(epochs):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(images)).split(batch_size):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        val_loss, val_accuracy = evaluate(model, *validation, batch_size)
        history["loss"].append(total / len(images))
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        history["lr"].append(optimizer.param_groups[0]["lr"])
        if val_accuracy > best_accuracy:
            best_accuracy, best_state = val_accuracy, copy.deepcopy(model.state_dict())
        schedule.step(val_loss)
    model.load_state_dict(best_state)
    return history
    ### END SOLUTION


# %%
grader.check("fit")

# %% [markdown]
# Try it on real images: 1,000 handwritten digits of 8x8 pixels (Alpaydin and Kaynak 1998), which come with the course.
# `given.small_nets` gives nets like those of the second assignment, half as wide, so that this takes seconds.

# %%
build = given.small_nets("torch")


def digits(split):
    """Images (n, 3, 8, 8) between -1 and 1, and labels (n,)."""
    pixels, labels, _ = given.raw("digits", split)
    images = torch.from_numpy(pixels).float() / 8 - 1
    return images[:, None].repeat(1, 3, 1, 1), torch.from_numpy(labels)


if not grader.grading:
    import matplotlib.pyplot as plt

    net = build("residual", 20)
    init_weights(net)
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
# `degradation(build, images, labels, depths=(20, 56), steps=120)`: `build(kind, depth)` gives a new small net, in
# training mode; `kind` is `"plain"` or `"residual"`. For each kind and each depth (there may be any number of depths),
# build the net, leave its weights as they are, and train it for `steps` steps with SGD, learning rate 0.02 (in this
# little time 0.1 loses the deep residual net one time in five), momentum 0.9, no decay, on batches of 64 images (at the
# end of a pass through the images a batch may be shorter; there are at least 64 images). Stay in training mode.
#
# Return a dict with a number for each net, `{("plain", 20): ..., ("plain", 56): ..., ("residual", 20): ..., ...}`: the
# mean over the last 20 steps (over all, when there are fewer) of the training loss, each taken before its step. It is
# the training loss that degradation is about: the deep plain net doesn't overfit, it doesn't get going.


# %%
# QUESTION degradation
def degradation(build, images, labels, depths=(20, 56), steps=120):
    """Train plain and residual nets of some depths alike; returns {(kind, depth): training loss at the end}."""
    ### BEGIN SOLUTION
    batches = []
    while len(batches) < steps:
        batches.extend(torch.randperm(len(images)).split(64))
    result = {}
    for kind in ("plain", "residual"):
        for depth in depths:
            net = build(kind, depth)
            net.train()
            optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
            losses = []
            for batch in batches[:steps]:
                loss = F.cross_entropy(net(images[batch]), labels[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            last = losses[-20:]
            result[kind, depth] = sum(last) / len(last)
    return result
    ### END SOLUTION


# %%
grader.check("degradation")

# %% [markdown]
# Run it on the digits (a quarter of a minute). In eight runs of this very experiment in PyTorch, with other weights
# and batches each time, the numbers were
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
# Without BatchNorm they do vanish in plain nets, and don't in residual ones. With PyTorch's own initialisation the norm
# is about 4e-10 in a plain net of 20 layers, exactly 0 in one of 56 (too small for float32), and 0.02 in the residual
# nets of either depth. With He's rule it is 2e-3 and 3e-6 in the plain nets: 8x8 images are mostly border, where zeros
# stand in for pixels, and fewer products meet there than the rule counts. The residual net without BatchNorm explodes
# instead (2 with 20 layers, 300 with 56): each addition makes the signal larger.
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
    images, labels = digits("train")

    def without_norm(net):
        """The same net with an identity in place of each BatchNorm."""
        for module in list(net.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, nn.BatchNorm2d):
                    setattr(module, name, nn.Identity())
        return net

    def first_gradient(net):
        """The norm of the loss's gradient with respect to the first kernel, for 64 images."""
        F.cross_entropy(net(images[:64]), labels[:64]).backward()
        return next(net.parameters()).grad.norm().item()

    print("depth       plain   residual   plain, no BatchNorm   residual, no BatchNorm")
    for depth in (8, 20, 56):
        norms = [first_gradient(build(kind, depth)) for kind in ("plain", "residual")]
        norms += [first_gradient(without_norm(build(kind, depth))) for kind in ("plain", "residual")]
        print(f"{depth:5}", "".join(f"{norm:12.3g}" for norm in norms))
