import math, functools
from collections import OrderedDict
import torch
import torch.nn as nn
import torch.nn.functional as F

class Conv(nn.Module):           # im2col by hand
    def __init__(self, i, o, k, s=1, bias=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(o, i, k, k) / math.sqrt(i*k*k))
        self.k, self.s = k, s
        self.bias = nn.Parameter(torch.zeros(o)) if bias else None
    def forward(self, x):
        n, c, h, w = x.shape
        p = self.k // 2
        cols = F.unfold(x, self.k, padding=p, stride=self.s)
        out = self.weight.view(self.weight.shape[0], -1) @ cols
        H, W = (h + 2*p - self.k)//self.s + 1, (w + 2*p - self.k)//self.s + 1
        out = out.view(n, -1, H, W)
        return out if self.bias is None else out + self.bias.view(1, -1, 1, 1)

class BN(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(1, c, 1, 1)); self.beta = nn.Parameter(torch.zeros(1, c, 1, 1))
        self.register_buffer("rm", torch.zeros(1, c, 1, 1)); self.register_buffer("rv", torch.ones(1, c, 1, 1))
    def forward(self, x):
        if self.training:
            mu = x.mean((0, 2, 3), keepdim=True)
            var = (x * x).mean((0, 2, 3), keepdim=True) - mu * mu
            self.rm = (0.9 * self.rm + 0.1 * mu).detach()
            self.rv = (0.9 * self.rv + 0.1 * var).detach()
        else:
            mu, var = self.rm, self.rv
        return self.gamma * (x - mu) / (var + 1e-5).sqrt() + self.beta

class BasicBlock(nn.Module):
    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self.d = nn.ModuleDict({"c1": Conv(in_channels, channels, 3, stride), "n1": BN(channels), "c2": Conv(channels, channels, 3), "n2": BN(channels)})
        if stride != 1 or in_channels != channels:
            self.d["p"] = Conv(in_channels, channels, 1, stride)
            self.d["pn"] = BN(channels)
    def forward(self, x):
        y = self.d["n1"](self.d["c1"](x))
        y = torch.where(y > 0, y, torch.zeros_like(y))
        y = self.d["n2"](self.d["c2"](y))
        s = self.d["pn"](self.d["p"](x)) if "p" in self.d else x
        return torch.stack([y, s]).sum(0).relu()

def cbn(i, o, k, s=1):
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(i, o, k, s, k // 2, bias=False), bn=nn.BatchNorm2d(o)))

class Bottleneck(nn.Module):
    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self.main = nn.ModuleList([cbn(in_channels, channels, 1), cbn(channels, channels, 3, stride), cbn(channels, 4*channels, 1)])
        self.short = nn.Identity() if stride == 1 and in_channels == 4*channels else cbn(in_channels, 4*channels, 1, stride)
    def forward(self, x):
        x = x.contiguous(memory_format=torch.channels_last)
        out = functools.reduce(lambda t, m: m(F.relu(t) if m is not self.main[0] else t), self.main, x)
        return F.threshold(out.add(self.short(x)), 0, 0)

class Net(nn.Module):
    def __init__(self, stem, blocks, head):
        super().__init__()
        self.stem, self.blocks, self.head = stem, blocks, head
    def forward(self, x):
        x = self.blocks(self.stem(x))
        return self.head(x.view(x.size(0), x.size(1), -1).mean(-1))

def resnet(depth, num_classes=1000):
    block, n, e = (BasicBlock, {18: (2,2,2,2), 34: (3,4,6,3)}, 1) if depth < 50 else (Bottleneck, {50: (3,4,6,3), 101: (3,4,23,3), 152: (3,8,36,3)}, 4)
    blocks, c = [], 64
    for k, (m, w) in enumerate(zip(n[depth], (64, 128, 256, 512))):
        for j in range(m):
            blocks.append((f"s{k}b{j}", block(c, w, 2 if k and not j else 1)))
            c = w * e
    return Net(nn.Sequential(cbn(3, 64, 7, 2), nn.ReLU(True), nn.MaxPool2d(3, 2, 1)), nn.Sequential(OrderedDict(blocks)), nn.Linear(c, num_classes))

class FunctionalNet(nn.Module):
    def __init__(self, n, num_classes, skip):
        super().__init__()
        self.n, self.skip = n, skip
        self.w, self.g, self.b = nn.ParameterList(), nn.ParameterList(), nn.ParameterList()
        widths = [(3, 16)] + [(16 if j == 0 and k == 0 else 16 << max(0, k - (j == 0)), 16 << k) for k in range(3) for j in range(2 * n)]
        for i, (a, c) in enumerate(widths):
            self.w.append(nn.Parameter(torch.randn(c, a, 3, 3) * .1)); self.g.append(nn.Parameter(torch.ones(c))); self.b.append(nn.Parameter(torch.zeros(c)))
            self.register_buffer(f"m{i}", torch.zeros(c)); self.register_buffer(f"v{i}", torch.ones(c))
        self.fc_w, self.fc_b = nn.Parameter(torch.randn(num_classes, 64)), nn.Parameter(torch.zeros(num_classes))
    def cb(self, x, i, s=1):
        x = F.conv2d(x, self.w[i], stride=s, padding=1)
        return F.batch_norm(x, getattr(self, f"m{i}"), getattr(self, f"v{i}"), self.g[i], self.b[i], self.training, 0.1)
    def forward(self, x):
        x = F.relu(self.cb(x, 0)); i = 1
        for k in range(3):
            for j in range(self.n):
                s = 2 if k and not j else 1
                y = self.cb(F.relu(self.cb(x, i, s)), i + 1); i += 2
                if self.skip:
                    if s == 2:
                        z = torch.zeros_like(y); z[:, :x.shape[1]] = x[:, :, ::2, ::2]; x = z
                    y = y + x
                x = F.relu(y)
        return F.linear(F.avg_pool2d(x, 8).squeeze(-1).squeeze(-1), self.fc_w, self.fc_b)
def cifar_resnet(depth, num_classes=10):
    return FunctionalNet((depth - 2)//6, num_classes, True)
cifar_plain = lambda depth, num_classes=10: FunctionalNet((depth - 2)//6, num_classes, False)
