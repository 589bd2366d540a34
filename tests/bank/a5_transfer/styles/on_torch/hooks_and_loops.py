# everything in functions: forward pre-hooks freeze, features are cached per stage, an SVM-like loss trains the head
import numpy as np, torch
import torch.nn as nn
from types import MethodType
from functools import partial
import grader.given as G

def stages_of(net): return [m for n, m in net.named_children() if n[:5] == "layer" and n[5:].isdigit()]

def still(self, mode=True):
    for m in self.modules(): m.training = False
    return self

def freeze(m):
    for p in m.parameters(): p.requires_grad_(False)
    m.train = MethodType(still, m); m.train()

def fine_tuner(backbone, num_classes, stages, frozen_bn=False):
    last = stages_of(backbone)
    keep = set(map(id, last[len(last) - stages:] if stages else []))
    for m in backbone.children():
        if id(m) not in keep: freeze(m)
    parts = list(backbone.children())[:-1]
    head = nn.Linear(backbone.fc.in_features, num_classes); nn.init.normal_(head.weight, std=1e-3)
    return nn.Sequential(*parts, nn.Flatten(), nn.Dropout(0.1), head)

feature_extractor = lambda backbone, num_classes: fine_tuner(backbone, num_classes, 0)

def parameter_groups(model, lr):
    head = set(map(id, model[-1].parameters()))
    def group(p): return dict(params=[p], lr=lr if id(p) in head else lr / 10)
    yield from (group(p) for p in model.parameters() if p.requires_grad)

def choose_strategy(images_per_class, similar):
    row = ("linear_head", "fine_tune_few") if similar else ("linear_on_stages", "fine_tune_many")
    return row[images_per_class >= 50]

def transfer(backbone, train, validation, num_classes):
    net = feature_extractor(backbone, num_classes).eval()
    body, head = net[:-1], net[-1]
    @torch.no_grad()
    def see(raw):
        x = torch.as_tensor(np.asarray(raw), dtype=torch.float64).movedim(-1, 1) / 255
        for c in range(3): x[:, c] = (x[:, c] - G.MEAN[c]) / G.STD[c]
        return torch.cat([body.eval()(b) for b in x.float().split(64)])
    X, Y = see(train[0]), torch.as_tensor(train[1])
    opt = torch.optim.LBFGS(head.parameters(), max_iter=60)
    def closure():
        opt.zero_grad()
        loss = nn.functional.multi_margin_loss(head(X), Y) + 1e-3 * head.weight.square().sum(); loss.backward()
        return loss
    opt.step(closure)
    return lambda raw: head(see(raw)).detach().numpy().astype(np.float16)
