# As short as it gets: partials, lazy layers, numpy at the end.
import numpy as np, torch
from functools import partial
from torch import nn, optim
block = lambda layer, *rest: nn.Sequential(layer, *rest)
def ConvBNReLU(in_channels, out_channels, stride=1): return block(nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, padding_mode="zeros"), nn.BatchNorm2d(out_channels), nn.ReLU(True))
def _build(shape, num_classes):
    m = nn.Sequential()
    for i, w in enumerate(shape):
        m.append(nn.LazyConv2d(w, 3, padding="same")).append(nn.LazyBatchNorm2d()).append(nn.Hardswish()).append(nn.MaxPool2d(2, ceil_mode=True))
    return m.append(nn.Flatten()).append(nn.LazyLinear(num_classes)).append(nn.LogSoftmax(-1))
simple_cnn = partial(_build, (12, 24, 32))
def count_parameters(model):
    v = np.array([[p.numel() * p.requires_grad, p.numel()] for p in model.parameters()])
    return tuple(v.sum(0))
def train_epoch(model, batches, optimizer):
    model.train(); nll = nn.CrossEntropyLoss(reduction="none"); seen = []
    for x, y in batches:
        optimizer.zero_grad(); l = nll(model(x), y); l.mean().backward(); optimizer.step(); seen += l.tolist()
    return np.mean(seen)
def evaluate(model, batches):
    mode, was = model.training, torch.is_grad_enabled(); model.train(False); torch.set_grad_enabled(False); hits = []
    try:
        for x, y in batches: hits += (model(x).numpy().argmax(1) == y.numpy()).tolist()
    finally: torch.set_grad_enabled(was); model.train(mode)
    return np.mean(hits)
if __name__ == "__main__": print(count_parameters(simple_cnn(10)))
