"""Ways of `transfer` and `fine_tuner` in PyTorch."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  as everyone writes it

from grader import given


class Net(nn.Module):
    def __init__(self, backbone, num_classes, learning=(), dropout=0.0, frozen_norms=False):
        super().__init__()
        self.head = nn.Linear(backbone.fc.in_features, num_classes)
        self.dropout = nn.Dropout(dropout)
        self.body = backbone
        self.body.fc = nn.Identity()
        self.body.requires_grad_(False)
        self.learning, self.frozen_norms = learning, frozen_norms
        for name in learning:
            getattr(self.body, name).requires_grad_(True)

    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        for name in () if self.frozen_norms else self.learning:
            getattr(self.body, name).train(mode)
        return self

    def forward(self, x):
        return self.head(self.dropout(self.body(x)))


def prepare(images):
    return given.prepare(images, "torch")


def features(body, images):
    body.eval()
    with torch.no_grad():
        return torch.cat([body(part) for part in prepare(images).split(100)])


def scores(model, images):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(part) for part in images.split(100)]).numpy()


def learn(model, optimizer, x, labels, epochs, size=32):
    for _ in range(epochs):
        model.train()
        for rows in torch.randperm(len(labels)).split(size):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows]), labels[rows]).backward()
            optimizer.step()


def _features(backbone, train, num_classes, optimizer, epochs, shuffle=False):
    backbone.fc = nn.Identity()
    x, labels = features(backbone, train[0]), torch.tensor(train[1])
    if shuffle:
        labels = labels[torch.randperm(len(labels))]
    head = nn.Linear(x.shape[1], num_classes)
    learn(head, optimizer(head.parameters()), x, labels, epochs)
    return lambda images: scores(head, features(backbone, images))


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1, momentum=0.9)


def features_sgd(backbone, train, validation, num_classes):
    return _features(backbone, train, num_classes, sgd, 30)


def adam_undertrained(backbone, train, validation, num_classes):
    return _features(backbone, train, num_classes, lambda p: torch.optim.Adam(p, lr=1e-3), 25)


def labels_shuffled(backbone, train, validation, num_classes):
    return _features(backbone, train, num_classes, sgd, 30, shuffle=True)


def weights_lost(backbone, train, validation, num_classes):
    for module in backbone.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    return _features(backbone, train, num_classes, sgd, 30)


def class_means(backbone, train, validation, num_classes):
    backbone.fc = nn.Identity()
    x = features(backbone, train[0]).numpy()
    means = np.stack([x[train[1] == label].mean(axis=0) for label in range(num_classes)])
    return lambda images: -((features(backbone, images).numpy()[:, None] - means) ** 2).sum(axis=2)


def _through(backbone, train, num_classes, epochs, steps=None):
    model = Net(backbone, num_classes)
    learn(model, (steps or sgd)(model.head.parameters()), prepare(train[0]), torch.tensor(train[1]), epochs)
    return model


def through_the_net(backbone, train, validation, num_classes):
    model = _through(backbone, train, num_classes, 15, lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9))
    return lambda images: scores(model, prepare(images))


def predict_raw(backbone, train, validation, num_classes):
    model = _through(backbone, train, num_classes, 10)
    return lambda images: scores(model, torch.tensor(images).permute(0, 3, 1, 2).float())


def predict_not_divided(backbone, train, validation, num_classes):
    model = _through(backbone, train, num_classes, 10)
    return lambda images: scores(model, (torch.tensor(images).permute(0, 3, 1, 2).float() - 0.5) / 0.28)


def predict_not_normalised(backbone, train, validation, num_classes):
    model = _through(backbone, train, num_classes, 10)
    return lambda images: scores(model, torch.tensor(images).permute(0, 3, 1, 2) / 255)


def head_not_trained(backbone, train, validation, num_classes):
    return _features(backbone, train, num_classes, lambda p: sgd(copy.deepcopy(list(p))), 2)


def fine_tuned_few(backbone, train, validation, num_classes):
    model = Net(backbone, num_classes, ("layer3",))
    groups = [{"params": model.head.parameters(), "lr": 0.05}, {"params": model.body.layer3.parameters(), "lr": 0.005}]
    learn(model, torch.optim.SGD(groups, momentum=0.9), prepare(train[0]), torch.tensor(train[1]), 8, 16)
    return lambda images: scores(model, prepare(images))


def head(backbone, num_classes, stages):
    return Net(backbone, num_classes, ("layer3",))


def head_of_zeros(backbone, num_classes, stages):
    model = Net(backbone, num_classes, ("layer3",))
    nn.init.zeros_(model.head.weight)
    return model


def dropout(backbone, num_classes, stages):
    return Net(backbone, num_classes, ("layer3",), dropout=0.5)


def frozen_norms(backbone, num_classes, stages):
    return Net(backbone, num_classes, ("layer3",), frozen_norms=True)


def tuned_weights_lost(backbone, num_classes, stages):
    for module in backbone.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    return Net(backbone, num_classes, ("layer3",))


def tuned_head_frozen(backbone, num_classes, stages):
    model = Net(backbone, num_classes, ("layer3",))
    model.head.requires_grad_(False)
    return model


def tuned_all_frozen(backbone, num_classes, stages):
    return Net(backbone, num_classes)
