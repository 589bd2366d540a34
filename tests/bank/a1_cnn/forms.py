"""Honest variants of `conv_bn_relu` whose parts are computed in every way that one could think of."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bank import Edits, Entry
from tests.bank.a1_cnn.layer import K_CONV, K_END, K_OWN_NORM, OWN_NORM, T_CONV, T_END, Q

HEAD = f"# QUESTION {Q}\n"
K_IMPORT = "import tensorflow as tf\n\n\n"
V = "[:, None, None]"
SD = "torch.sqrt(variance + 1e-4)"
# What a norm returns, from `x`, `mean`, `variance`, `self.scale` and `self.shift`.
T_NORMS = {
    "rsqrt": f"(x - mean{V}) * torch.rsqrt(variance + 1e-4){V} * self.scale{V} + self.shift{V}",
    "methods": f"x.sub(mean{V}).div(variance.add(1e-4).sqrt(){V}).mul(self.scale{V}).add(self.shift{V})",
    "einsum": f"torch.einsum('nchw,c->nchw', x - mean{V}, self.scale / {SD}) + self.shift{V}",
    "last_axis": f"(((x.permute(0, 2, 3, 1) - mean) / {SD}) * self.scale + self.shift).permute(0, 3, 1, 2)",
    "swapped_axes": f"(((x.transpose(1, 3) - mean) / {SD}) * self.scale + self.shift).transpose(1, 3)",
    "power": f"(x - mean{V}) * ((variance + 1e-4) ** -0.5){V} * self.scale{V} + self.shift{V}",
    "reciprocal": f"(x - mean{V}) * {SD}.reciprocal(){V} * self.scale{V} + self.shift{V}",
    "logarithm": f"(x - mean{V}) * torch.exp(-0.5 * torch.log(variance + 1e-4)){V} * self.scale{V} + self.shift{V}",
    "depthwise": f"F.conv2d(x, (self.scale / {SD}).view(-1, 1, 1, 1), self.shift - mean * self.scale / {SD}, groups=len(mean))",
    "diagonal": f"torch.einsum('nchw,cd->ndhw', x - mean{V}, torch.diag(self.scale / {SD})) + self.shift{V}",
    "stack": f"torch.stack([(x[:, c] - mean[c]) / {SD}[c] * self.scale[c] + self.shift[c] for c in range(x.shape[1])], 1)",
    "addcdiv": f"torch.addcdiv(self.shift{V}, (x - mean{V}) * self.scale{V}, {SD}{V}.expand_as(x))",
    "double": f"((x.double() - mean.double(){V}) / {SD}.double(){V} * self.scale{V} + self.shift{V}).float()",
    "minus": f"self.shift{V} - (mean{V} - x) * (self.scale / {SD}){V}",
}
K_SD = "keras.ops.sqrt(variance + 1e-4)"
K_NORMS = {
    "rsqrt": "(x - mean) * keras.ops.rsqrt(variance + 1e-4) * self.scale + self.shift",
    "tensorflow": "tf.nn.batch_normalization(x, mean, variance, self.shift, self.scale, 1e-4)",
    "power": "(x - mean) * (variance + 1e-4) ** -0.5 * self.scale + self.shift",
    "einsum": f"keras.ops.einsum('nhwc,c->nhwc', x - mean, self.scale / {K_SD}) + self.shift",
    "no_nan": f"tf.math.divide_no_nan(x - mean, {K_SD}) * self.scale + self.shift",
    "logarithm": "(x - mean) * tf.exp(-0.5 * tf.math.log(variance + 1e-4)) * self.scale + self.shift",
    "stack": f"keras.ops.stack([(x[..., c] - mean[c]) / {K_SD}[c] * self.scale[c] + self.shift[c] for c in range(x.shape[-1])], axis=-1)",
    "unstack": f"tf.stack([(p - m) / s * g + b for p, m, s, g, b in zip(*(tf.unstack(t, axis=-1) for t in (x, mean, {K_SD}, self.scale, self.shift)))], axis=-1)",
    "add_n": f"tf.add_n([x * (self.scale / {K_SD}), tf.broadcast_to(self.shift - mean * self.scale / {K_SD}, tf.shape(x))])",
    "diagonal": f"keras.ops.matmul(x - mean, keras.ops.diag(self.scale / {K_SD})) + self.shift",
    "minus": f"self.shift - self.scale * (mean - x) / {K_SD}",
    "bias_add": f"tf.nn.bias_add((x - mean) / {K_SD} * self.scale, self.shift)",
}
T_PADDED = "        p = F.pad(x, [1] * 4)\n"
T_TAP = "p[:, :, i : i + s * (H - 1) + 1 : s, j : j + s * (W - 1) + 1 : s]"
T_TAPS = f"[{T_TAP} for i in range(3) for j in range(3)]"
T_WINDOWS = "        p = F.pad(x, [1] * 4).unfold(2, 3, s).unfold(3, 3, s)\n"
B = "self.b[:, None, None]"
# What a convolution does, from `x`, `self.w`, `self.b` and the sizes.
T_CONVS = {
    "unfold": f"        return (self.w.flatten(1) @ F.unfold(x, 3, padding=1, stride=s)).view(n, o, H, W) + {B}",
    "windows": f"{T_WINDOWS}        return torch.einsum('nchwkl,ockl->nohw', p, self.w) + {B}",
    "tensordot": f"{T_WINDOWS}        return torch.tensordot(p, self.w, dims=([1, 4, 5], [1, 2, 3])).permute(0, 3, 1, 2) + {B}",
    "three_dimensions": f"        return F.conv3d(x[:, :, None], self.w[:, :, None], stride=(1, s, s), padding=(0, 1, 1))[:, :, 0] + {B}",
    "stacked_taps": f"{T_PADDED}        return torch.einsum('nckhw,ock->nohw', torch.stack({T_TAPS}, 2), self.w.flatten(2)) + {B}",
    "joined_taps": f"{T_PADDED}        return torch.einsum('nchw,oc->nohw', torch.cat({T_TAPS}, 1), self.w.permute(0, 2, 3, 1).flatten(1)) + {B}",
    "summed_taps": f"{T_PADDED}        return sum(torch.einsum('nchw,oc->nohw', {T_TAP}, self.w[:, :, i, j]) for i in range(3) for j in range(3)) + {B}",
    "rows": f"        p = F.pad(x, (0, 0, 1, 1))\n        return sum(F.conv2d(p[:, :, r : r + s * (H - 1) + 1 : s], self.w[:, :, r : r + 1], stride=(1, s), padding=(0, 1)) for r in range(3)) + {B}",
    "sampled": f"        return (F.conv2d(x, self.w, padding=1) + {B})[:, :, ::s, ::s]",
    "each_output": "        return torch.stack([F.conv2d(x, k[None], b[None], s, 1)[:, 0] for k, b in zip(self.w, self.b)], 1)",
    "each_input": f"        return sum(F.conv2d(x[:, i : i + 1], self.w[:, i : i + 1], stride=s, padding=1) for i in range(c)) + {B}",
    "products": f"{T_WINDOWS}        return (p[:, None] * self.w[None, :, :, None, None]).sum((2, 5, 6)) + {B}",
    "products_of_each_output": f"{T_WINDOWS}        return torch.stack([(p * k[None, :, None, None]).sum((1, 4, 5)) for k in self.w], 1) + {B}",
    "in_place": f"        y = {B}.repeat(n, 1, H, W)\n{T_PADDED}        for i in range(3):\n            for j in range(3):\n                y += torch.einsum('nchw,oc->nohw', {T_TAP}, self.w[:, :, i, j])\n        return y",
    "assigned": "        y = x.new_empty(n, o, H, W)\n        for k in range(o):\n            y[:, k] = F.conv2d(x, self.w[k : k + 1], self.b[k : k + 1], s, 1)[:, 0]\n        return y",
}
K_PADDED = "        p = keras.ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])\n"
K_TAP = "p[:, i : i + s * (H - 1) + 1 : s, j : j + s * (W - 1) + 1 : s]"
K_TAPS = f"[{K_TAP} for i in range(3) for j in range(3)]"
K_CONVS = {
    "tensorflow": "        return tf.nn.conv2d(x, self.w, [1, s, s, 1], [[0, 0], [1, 1], [1, 1], [0, 0]]) + self.b",
    "patches_of_tensorflow": "        p = tf.image.extract_patches(x, [1, 3, 3, 1], [1, s, s, 1], [1] * 4, 'SAME')\n        return tf.matmul(p, tf.reshape(self.w, (-1, o))) + self.b",
    "patches_of_keras": "        p = keras.ops.image.extract_patches(x, (3, 3), strides=(s, s), padding='same')\n        return keras.ops.tensordot(p, keras.ops.reshape(self.w, (-1, o)), axes=1) + self.b",
    "stacked_taps": f"{K_PADDED}        return tf.einsum('nhwck,kco->nhwo', tf.stack({K_TAPS}, -1), tf.reshape(self.w, (9, c, o))) + self.b",
    "summed_taps": f"{K_PADDED}        return sum(keras.ops.matmul({K_TAP}, self.w[i, j]) for i in range(3) for j in range(3)) + self.b",
    "rows": f"{K_PADDED}        return sum(keras.ops.conv(p[:, r : r + s * (H - 1) + 1 : s], self.w[r : r + 1], strides=(1, s), padding='valid') for r in range(3)) + self.b",
    "sampled": "        return (keras.ops.conv(x, self.w, padding='same') + self.b)[:, ::s, ::s]",
    "each_output": "        return tf.concat([tf.nn.conv2d(x, self.w[..., k : k + 1], s, 'SAME') for k in range(o)], -1) + self.b",
    "each_input": "        return tf.add_n([tf.nn.conv2d(x[..., k : k + 1], self.w[:, :, k : k + 1], s, 'SAME') for k in range(c)]) + self.b",
    "products": f"{K_PADDED}        return tf.reduce_sum(tf.stack({K_TAPS}, -2)[..., None] * tf.reshape(self.w, (9, c, o)), axis=(-3, -2)) + self.b",
}
T_OWN = """class OwnConv(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.stride = stride
        self.w = nn.Parameter(torch.randn(outputs, inputs, 3, 3) * 0.1)
        self.b = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        s, o, (n, c, h, w) = self.stride, self.w.shape[0], x.shape
        H, W = (h - 1) // s + 1, (w - 1) // s + 1
{}


"""
K_OWN = """class OwnConv(layers.Layer):
    def __init__(self, outputs, stride):
        super().__init__()
        self.o, self.s = outputs, stride

    def build(self, shape):
        self.w = self.add_weight(shape=(3, 3, shape[-1], self.o), initializer="he_normal")
        self.b = self.add_weight(shape=(self.o,), initializer="zeros")

    def compute_output_shape(self, shape):
        return (shape[0], *((size - 1) // self.s + 1 for size in shape[1:3]), self.o)

    def call(self, x):
        s, o, (h, w, c) = self.s, self.o, x.shape[1:]
        H, W = (h - 1) // s + 1, (w - 1) // s + 1
{}


"""
T_RELUS = {
    "where": "torch.where(x > 0, x, 0.0)", "mask": "x * (x > 0)", "maximum": "torch.max(x, torch.zeros_like(x))",
    "absolute": "(x + x.abs()) / 2", "threshold": "F.threshold(x, 0.0, 0.0)", "leak_of_zero": "F.leaky_relu(x, 0.0)",
    "minus_minimum": "x - x.clamp(max=0)", "filled": "x.masked_fill(x < 0, 0.0)", "sign": "x * ((x.sign() + 1) / 2)",
    "greatest": "torch.amax(torch.stack([x, torch.zeros_like(x)]), 0)", "elu_of_zero": "F.elu(x, 0.0)",
}  # fmt: skip
K_RELUS = {
    "where": "keras.ops.where(x > 0, x, 0.0)", "mask": "x * keras.ops.cast(x > 0, 'float32')",
    "maximum": "layers.Maximum()([x, 0.0 * x])", "absolute": "(x + keras.ops.abs(x)) / 2",
    "clip": "keras.ops.clip(x, 0.0, float('inf'))", "leak_of_zero": "layers.LeakyReLU(0.0)(x)",
    "minus_minimum": "x - keras.ops.minimum(x, 0.0)", "sign": "x * (keras.ops.sign(x) + 1.0) / 2.0",
    "greatest": "keras.ops.amax(keras.ops.stack([x, keras.ops.zeros_like(x)]), axis=0)", "elu_of_zero": "layers.ELU(0.0)(x)",
}  # fmt: skip


def _norm(torch: str, keras: str) -> tuple[Edits, Edits]:
    own, k_own = OWN_NORM.partition("        factor =")[0], K_OWN_NORM.rpartition("        return ")[0]
    return (
        ((HEAD, f"{HEAD}{own}        return {torch}\n\n\n"), ("nn.BatchNorm2d(out_channels)", "OwnNorm(out_channels)")),
        ((HEAD, f"{HEAD}{K_IMPORT}{k_own}        return {keras}\n\n\n"), ("layers.BatchNormalization()", "OwnNorm()")),
    )


def _conv(torch: str, keras: str) -> tuple[Edits, Edits]:
    return (
        ((HEAD, HEAD + T_OWN.format(torch)), (T_CONV, "OwnConv(in_channels, out_channels, stride)")),
        ((HEAD, HEAD + K_IMPORT + K_OWN.format(keras)), (K_CONV, "OwnConv(channels, stride)")),
    )


def _relu(torch: str, keras: str) -> tuple[Edits, Edits]:
    return ((T_END, f"x = self.bn(self.conv(x))\n        return {torch}"),), ((K_END, f"return {keras}"),)


def _variants() -> Iterator[Entry]:
    tables = (
        ("norm", _norm, T_NORMS, K_NORMS),
        ("conv", _conv, T_CONVS, K_CONVS),
        ("activation", _relu, T_RELUS, K_RELUS),
    )
    for kind, edits, torch, keras in tables:
        for name in dict.fromkeys((*torch, *keras)):
            ours, theirs = edits(torch.get(name, ""), keras.get(name, ""))
            yield Entry(f"{kind}_by_{name}", Q, "", ours if name in torch else (), theirs if name in keras else ())


VARIANTS = tuple(_variants())
