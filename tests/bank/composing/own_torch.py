"""Layers of one's own in PyTorch, parameters declared in another order."""

from __future__ import annotations

OWN = """
class Kernel(nn.Module):
    def __init__(self, inputs, outputs, size, stride=1, bias=False):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size) / size)
        self.stride = stride

    def forward(self, x):
        return F.conv2d(x, self.weight, self.bias, self.stride, self.weight.shape[-1] // 2)


class Normal(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.register_buffer("spread", torch.ones(width))
        self.bias, self.weight = nn.Parameter(torch.zeros(width)), nn.Parameter(torch.ones(width))
        self.register_buffer("middle", torch.zeros(width))

    def forward(self, x):
        middle, spread = self.middle, self.spread
        if self.training:
            spread, middle = torch.var_mean(x, (0, 2, 3), correction=0)
            self.middle = (0.9 * self.middle + 0.1 * middle).detach()
            self.spread = (0.9 * self.spread + 0.1 * spread).detach()
        x = (x - middle.view(1, -1, 1, 1)) / torch.sqrt(spread.view(1, -1, 1, 1) + 1e-5)
        return self.weight.view(1, -1, 1, 1) * x + self.bias.view(1, -1, 1, 1)
"""
