# %%
"""A student who differentiates functions: `torch.func` over the module's tensors, and state that is handed on."""

import torch
from torch import nn
from torch.func import functional_call, grad_and_value
from torch.nn import functional as F


# %%
def init_weights(model):
    draws = torch.Generator().manual_seed(3)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            outputs, _, height, width = module.weight.shape
            scale = (2 / (outputs * height * width)) ** 0.5
            module.weight.data = scale * torch.randn(module.weight.shape, generator=draws)
            if module.bias is not None:
                module.bias.data = torch.zeros_like(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.data, module.bias.data = torch.ones_like(module.weight), torch.zeros_like(module.bias)


# %%
def make_optimizer(model):
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return torch.optim.SGD(learning, 0.1, 0.9, weight_decay=1e-5)


# %%
class make_schedule:
    def __init__(self, optimizer, patience=5):
        self.optimizer, self.patience, self.errors, self.since = optimizer, patience, [], 0

    def step(self, error):
        self.since = 0 if error < min(self.errors, default=float("inf")) else self.since + 1
        self.errors.append(error)
        if self.since == self.patience:
            self.since = 0
            for group in self.optimizer.param_groups:
                group["lr"] /= 10


# %%
def batch_loss(parameters, buffers, model, x, y):
    return F.cross_entropy(functional_call(model, (parameters, buffers), (x,)), y)


differentiate = grad_and_value(batch_loss)


def tensors(model):
    return {name: p.detach() for name, p in model.named_parameters()}, dict(model.named_buffers())


@torch.no_grad()
def validate(model, images, labels, batch_size):
    model.eval()
    logits = torch.cat([functional_call(model, tensors(model), (x,)) for x in images.split(batch_size)])
    return F.cross_entropy(logits, labels).item(), (logits.argmax(1) == labels).double().mean().item()


def fit(model, train, validation, epochs, batch_size=256):
    images, labels = train
    optimizer = make_optimizer(model)
    schedule = make_schedule(optimizer)
    rows, best = [], (-1.0, None)
    for _ in range(epochs):
        model.train()
        rate, losses = optimizer.param_groups[0]["lr"], []
        for part in torch.randperm(len(images)).split(batch_size):
            gradients, loss = differentiate(*tensors(model), model, images[part], labels[part])
            for name, parameter in model.named_parameters():
                parameter.grad = gradients[name]
            optimizer.step()
            losses.append(loss * len(part))
        val_loss, val_accuracy = validate(model, *validation, batch_size)
        rows.append((torch.stack(losses).sum().item() / len(images), val_loss, val_accuracy, rate))
        if val_accuracy > best[0]:
            best = val_accuracy, {name: tensor.clone() for name, tensor in model.state_dict().items()}
        schedule.step(val_loss)
    model.load_state_dict(best[1])
    return dict(zip(("loss", "val_loss", "val_accuracy", "lr"), map(list, zip(*rows, strict=True)), strict=True))


# %%
def trained(net, batches):
    parameters, buffers = tensors(net)
    speed = {name: torch.zeros_like(tensor) for name, tensor in parameters.items()}
    losses = []
    for x, y in batches:
        gradients, loss = differentiate(parameters, buffers, net, x, y)
        speed = {name: 0.9 * speed[name] + gradients[name] for name in speed}
        parameters = {name: tensor - 0.02 * speed[name] for name, tensor in parameters.items()}
        losses.append(loss.item())
    return sum(losses[-20:]) / len(losses[-20:])


def degradation(build, images, labels, depths=(20, 56), steps=120):
    parts = []
    while len(parts) < steps:
        parts += torch.randperm(len(images)).split(64)
    batches = [(images[part], labels[part]) for part in parts[:steps]]
    return {
        (kind, depth): trained(build(kind, depth), batches) for kind in ("plain", "residual") for depth in depths
    }
