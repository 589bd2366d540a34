# everything through torch.fx: the model becomes a program that is run line by line
import math
import torch, torch.fx
import numpy as np
from torchvision.transforms import v2 as T


def preprocess(images, size=224):
    steps = [T.ToImage(), T.ToDtype(torch.float32, scale=True), T.Normalize([.485, .456, .406], [.229, .224, .225])]
    if images.shape[1:3] != (size, size):
        steps.insert(1, T.Resize((size, size), interpolation=T.InterpolationMode.BICUBIC))
    pipeline = T.Compose(steps)
    return torch.stack([torch.as_tensor(pipeline(im)) for im in images])


class Quietly:
    """with Quietly(model): evaluation mode and no gradients; afterwards as before"""

    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.was, self.grad = self.model.training, torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        return self.model.eval()

    def __exit__(self, *_):
        torch.set_grad_enabled(self.grad)
        self.model.train(self.was)


def classify(model, images, names, k=5):
    with Quietly(model) as m:
        z = m(images)
    p = torch.exp(z - torch.logsumexp(z, 1, keepdim=True)).numpy()
    out = []
    for row in p:
        chosen = np.argpartition(-row, k - 1)[:k]
        out.append(tuple((names[i], row[i]) for i in sorted(chosen, key=lambda i: -row[i])))
    return out


class Recorder(torch.fx.Interpreter):
    def __init__(self, model):
        super().__init__(torch.fx.symbolic_trace(model))
        self.seen = []

    def call_module(self, target, args, kwargs):
        out = super().call_module(target, args, kwargs)
        self.seen.append((target, self.fetch_attr(target), out.clone()))
        return out


def feature_maps(model, images, layer):
    known = [n for n, _ in model.named_modules()]
    if known.count(layer) == 0 or layer == "":
        raise ValueError("\n".join(["I know these layers only:"] + known))
    part = dict(model.named_modules())[layer]
    if len(list(part.children())) == 0:
        with Quietly(model):
            r = Recorder(model)
            r.run(images)
        maps = next(out for name, _, out in r.seen if name == layer)
    else:  # a block: a hook after all
        box = {}
        h = part.register_forward_hook(lambda m, a, out: box.update(out=torch.clone(out)))
        with Quietly(model):
            model(images)
        h.remove()
        maps = box["out"]
    return np.ascontiguousarray(maps.movedim(1, -1))


def layer_table(model, input_shape):
    with Quietly(model):
        r = Recorder(model)
        r.run(torch.ones(1, *input_shape))
    table = []
    for name, m, out in r.seen:
        n = sum(math.prod(w.shape) for w in m.parameters())
        if n == 0:
            continue
        macs = 0
        if type(m) is torch.nn.Conv2d:
            macs = out.numel() * math.prod(m.weight.shape[1:])
        if type(m) is torch.nn.Linear:
            macs = out.shape[-1] * m.in_features
        table.append((name, out.shape[1:], n, macs))
    return table
