"""One class with everything in it, weights in a ParameterDict, a training step as a method."""
import torch, math
from torch import nn
import torch.nn.functional as F
from torch.nn.parameter import Parameter as P
from grader.given import MEAN, STD


class Functional(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.w = nn.ParameterDict({"k": P(torch.empty(o, i, 3, 3)), "g": P(torch.ones(o)), "b": P(torch.zeros(o))})
        nn.init.kaiming_uniform_(self.w["k"], a=math.sqrt(5))
        self.register_buffer("m", torch.zeros(o)); self.register_buffer("v", torch.ones(o))
        self.s = s

    def forward(self, x):
        x = F.conv2d(x, self.w["k"], None, self.s, 1)
        return torch.relu(F.batch_norm(x, self.m, self.v, self.w["g"], self.w["b"], self.training, 0.05))


class ConvBNReLU(Functional):
    def __init__(self, in_channels, out_channels, stride=1, name="unit"):
        super().__init__(in_channels, out_channels, stride)
        self.name = name


class Lit(nn.Module):
    """A small residual net."""
    def __init__(self, k):
        super().__init__()
        self.stem = ConvBNReLU(3, 24, 2)
        self.a = nn.ModuleDict({str(i): ConvBNReLU(24, 24) for i in range(2)})
        self.down = ConvBNReLU(24, 48, 2)
        self.b = nn.ModuleList([ConvBNReLU(48, 48)])
        self.out = nn.Linear(48 * 2, k)
        self.register_buffer("scale", torch.tensor(STD)[:, None, None] / max(MEAN))

    def features(self, x):
        x = self.stem(x * self.scale)
        for layer in self.a.values():
            x = x + layer(x)
        x = self.down(x)
        for layer in self.b:
            x = x + layer(x)
        return torch.cat((x.amax((2, 3)), x.mean((2, 3))), 1)

    def forward(self, x):
        return self.out(self.features(x))

    def step(self, batch):
        x, y = batch
        z = self(x)
        return torch.logsumexp(z, 1).sub(z.gather(1, y[:, None])[:, 0])


simple_cnn = lambda num_classes: Lit(num_classes)


def count_parameters(model):
    sizes = [(p.requires_grad, p.nelement()) for p in model.parameters()]
    return [sum(n for t, n in sizes if t), sum(n for _, n in sizes)]


def train_epoch(model, batches, optimizer, log=None):
    for m in model.modules():
        m.training = True
    losses = torch.zeros(0)
    for batch in iter(batches):
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = None
        each = Lit.step(model, batch)
        each.mean(0).backward()
        optimizer.step()
        losses = torch.cat((losses, each.detach()))
    return losses.mean()


class evaluating:
    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.modes = [(m, m.training) for m in self.model.modules()]
        self.model.eval()

    def __exit__(self, *error):
        for m, mode in self.modes:
            m.training = mode


@torch.inference_mode()
def evaluate(model, batches):
    with evaluating(model):
        pairs = [(model(x).softmax(-1).argmax(-1), y) for x, y in batches]
    guess, right = map(torch.cat, zip(*pairs))
    return (guess == right).float().mean()
