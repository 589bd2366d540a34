"""Mutants of `init_weights` and `make_optimizer`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_DRAW = 'nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")'
T_LOOP, T_RETURN = "for module in model.modules():", "            nn.init.zeros_(module.bias)\n    ### END"
T_BIAS = "            if module.bias is not None:\n                nn.init.zeros_(module.bias)\n"
T_SCALE = "nn.init.ones_(module.weight)"
K_DRAW = "keras.initializers.HeNormal(seed=seed)"


def _draw(torch: str, keras: str = "") -> tuple[Edits, Edits]:
    """Edits of how kernels are drawn; `w` is the kernel, `fan` its fan-in."""
    setup = "fan, w = module.weight[0].numel(), module.weight.data\n            "
    own = f"lambda shape, dtype=None: {keras}" if keras.startswith("(") else f"keras.initializers.{keras}"
    return ((T_DRAW, setup + torch),), ((K_DRAW, own),) if keras else ()


SPREAD = {
    "init_xavier": ("Xavier", "nn.init.xavier_normal_(w)", "GlorotNormal(seed=seed)", "xavier_deviation"),
    "init_variance_as_deviation": (
        "square root is missing", "w.normal_(0, 2 / fan)",
        "(2.0 / np.prod(shape[:3]) * np.random.RandomState(seed).randn(*shape)).astype('float32')", "variance_as_deviation",
    ),
    "init_without_the_two": ("sqrt(1 / fan-in)", "w.normal_(0, fan**-0.5)", "LecunNormal(seed=seed)", "gain_missing"),
    "init_linear_gain": ("sqrt(1 / fan-out)", 'nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="linear")', "", "gain_missing"),
    "init_truncated_uncorrected": (
        "12 % less", "nn.init.trunc_normal_(w, std=(s := (2 / fan) ** 0.5), a=-2 * s, b=2 * s)",
        "(keras.random.truncated_normal(shape, stddev=(2 / np.prod(shape[:3])) ** 0.5, seed=seed))", "truncated_uncorrected",
    ),
    "init_clipped": (
        "heaps the tails up", "w.normal_(0, s := (2 / fan) ** 0.5).clamp_(-2 * s, 2 * s)",
        "((2 / np.prod(shape[:3])) ** 0.5 * np.clip(np.random.RandomState(seed).randn(*shape), -2, 2)).astype('float32')", "clipped",
    ),
    "init_clipped_out": (
        "4 % less than sqrt(2 / fan-out)", "w.normal_(0, s := (2 / w[:, 0].numel()) ** 0.5).clamp_(-2 * s, 2 * s)", "", "clipped",
    ),
    "init_truncation_corrected_twice": (
        "make up for a truncation once", "nn.init.trunc_normal_(w, std=(s := (2 / fan) ** 0.5 / 0.8796**2), a=-2 * s, b=2 * s)",
        'VarianceScaling(2.0 / 0.8796**2, "fan_in", "truncated_normal", seed=seed)', "truncation_corrected_twice",
    ),
    "init_area_forgotten": (
        "sqrt(2 / input channels)", "w.normal_(0, (2 / module.in_channels) ** 0.5)",
        "(keras.random.normal(shape, stddev=(2 / shape[2]) ** 0.5, seed=seed))", "area_forgotten",
    ),
    "init_area_forgotten_out": ("sqrt(2 / output channels)", "w.normal_(0, (2 / module.out_channels) ** 0.5)",
                                "(keras.random.normal(shape, stddev=(2 / shape[3]) ** 0.5, seed=seed))", "area_forgotten"),
    "init_channels_forgotten": ("area of the kernel", "w.normal_(0, (2 / w[0, 0].numel()) ** 0.5)",
                                "(keras.random.normal(shape, stddev=(2 / (shape[0] * shape[1])) ** 0.5, seed=seed))", "channels_forgotten"),
    "init_mean_of_fans": ("mean of both fans", "w.normal_(0, (4 / (fan + w[:, 0].numel())) ** 0.5)",
                          'VarianceScaling(2.0, "fan_avg", "untruncated_normal", seed=seed)', "mean_of_fans"),
    "init_fixed": ("about 0.0", "w.normal_(0, 0.01)", "RandomNormal(stddev=0.02, seed=seed)", "fixed_deviation"),
    "init_mixed_fans": ("fan-in in some", "w.normal_(0, (2 / (fan if module.in_channels > 20 else w[:, 0].numel())) ** 0.5)",
                        "(keras.random.normal(shape, stddev=(2 / (np.prod(shape[:3]) if shape[2] > 20 else np.prod((*shape[:2], shape[3])))) ** 0.5, seed=seed))",
                        "mixed_fans"),
    "init_doubled": ("times sqrt(2 / fan-in)", "w.normal_(0, (4 / fan) ** 0.5)", 'VarianceScaling(4.0, "fan_in", "untruncated_normal", seed=seed)', "wrong_factor"),
    "init_constant": ("every weight", "w.fill_(0.01)", "Constant(0.01)", "constant_kernels"),
    "init_positive": ("have the mean", "w.normal_(0, (2 / fan) ** 0.5).abs_()",
                      "(keras.ops.abs(keras.random.normal(shape, stddev=(2 / np.prod(shape[:3])) ** 0.5, seed=seed)))", "mean_not_zero"),
    "init_wrong_axes": ("wrong axes", "", "(keras.random.normal(shape, stddev=(2 / np.prod(shape[1:])) ** 0.5, seed=seed))", "fan_of_another_layout"),
}  # fmt: skip
SHAPE = {
    "init_uniform": ("uniform distribution", "nn.init.kaiming_uniform_(w, nonlinearity='relu')", "HeUniform(seed=seed)", "uniform_distribution"),
    "init_two_valued": ("kurtosis", "w.copy_((torch.rand_like(w).round() * 2 - 1) * (2 / fan) ** 0.5 * (1 + 1e-2 * torch.rand_like(w)))", "", ""),
    "init_one_filter": ("same numbers again", "w.copy_(w[:1].normal_(0, (2 / fan) ** 0.5).expand_as(w).clone())",
                        "(keras.ops.tile(keras.random.normal((*shape[:3], 1), stddev=(2 / np.prod(shape[:3])) ** 0.5, seed=seed), (1, 1, 1, shape[3])))",
                        "repeated_weights"),
    "init_orthogonal": ("depend on one another", "nn.init.orthogonal_(w).mul_((2 / fan) ** 0.5 / w.std())", "", "orthogonal_kernels"),
}  # fmt: skip
MUTANTS = (
    *(Entry(name, "init_weights", says, *(((), _draw("", keras)[1]) if not torch else _draw(torch, keras)), mistake=mistake)
      for name, (says, torch, keras, mistake) in {**SPREAD, **SHAPE}.items()),
    Entry("init_top_level_only", "init_weights", "model.children()", ((T_LOOP, "for module in model.children():"),), mistake="layers_left_out"),
    Entry("init_a_copy", "init_weights", "no kernel of the model changed",
          ((T_LOOP, "import copy as c\n    model = c.deepcopy(model)\n    for module in model.modules():"),), mistake="nothing_initialised"),
    Entry("init_3x3_only", "init_weights", "as it was before", (("if isinstance(module, nn.Conv2d):", "if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3):"),),
          mistake="layers_left_out"),
    Entry("init_seed_in_each_layer", "init_weights", "set a seed once", ((T_DRAW, f"torch.manual_seed(0)\n            {T_DRAW}"),), mistake="layers_alike"),
    Entry("init_biases_left", "init_weights", "bias of the convolution", ((T_BIAS, ""),), mistake="wrong_bias"),
    Entry("init_biases_small", "init_weights", "bias of the convolution", ((T_BIAS, T_BIAS.replace("zeros_(module.bias)", "constant_(module.bias, 0.01)")),), mistake="wrong_bias"),
    Entry("init_zero_gamma", "init_weights", "Goyal", ((T_LOOP, "for name, module in model.named_modules():"), (T_SCALE, "nn.init.constant_(module.weight, 0.0 if name.endswith('bn2') else 1.0)")),
          mistake="zero_scale"),
    Entry("init_norms_left", "init_weights", "scale (`weight`)", (("elif isinstance(module, nn.BatchNorm2d):", "elif isinstance(module, nn.BatchNorm1d):"),), mistake="wrong_scale"),
    Entry("init_shift_one", "init_weights", "shift (`bias`)", ((T_RETURN, T_RETURN.replace("zeros_", "ones_")),), mistake="wrong_shift"),
    Entry("init_frozen", "init_weights", "requires no gradient", ((T_DRAW, f"module.weight.requires_grad = False\n            {T_DRAW}"),), mistake="frozen_weights"),
    Entry("init_seed_ignored", "init_weights", "hand the seed", keras=((K_DRAW, "keras.initializers.HeNormal(seed=1)"),), mistake="seed_ignored"),
    Entry("optimizer_of_an_earlier_call", "make_optimizer", "learning rate 0.01",
          (("    return torch.optim.SGD(trainable, lr=0.1, momentum=0.9, weight_decay=1e-5)", "    if not hasattr(model, 'optimizer'):\n        model.optimizer = torch.optim.SGD(trainable, lr=0.1, momentum=0.9, weight_decay=1e-5)\n    return model.optimizer"),),
          (("    return keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, weight_decay=1e-5)", "    kept = globals().setdefault('kept', {})\n    return kept.setdefault(id(model), keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, weight_decay=1e-5))"),)),
    Entry("init_seed_0_as_1", "init_weights", "hand the seed", keras=((K_DRAW, "keras.initializers.HeNormal(seed=seed or 1)"),), mistake="seed_ignored"),
    Entry("init_unseeded", "init_weights", "depend on the seed alone", keras=((K_DRAW, "keras.initializers.HeNormal()"),), mistake="not_reproducible"),
    Entry("init_global_seed", "init_weights", "depend on the seed alone",
          keras=(("    return " + K_DRAW, "    np.random.seed(seed)\n    return lambda shape, dtype=None: (2 / np.prod(shape[:3])) ** 0.5 * np.random.randn(*shape)"),), mistake="not_reproducible"),
    Entry("init_no_initializer", "init_weights", "making the kernel", keras=((K_DRAW, "keras.initializers.HeNormal(seed=seed)((3, 3, 3, 8))"),)),
    Entry("init_returns_nothing", "init_weights", "`return` is missing", keras=(("return " + K_DRAW, K_DRAW),)),
    # optimizer
    Entry("optimizer_adam", "make_optimizer", "as Adam takes them", (("SGD(trainable, lr=0.1, momentum=0.9,", "Adam(trainable, lr=0.1,"),),
          (("SGD(learning_rate=0.1, momentum=0.9,", "Adam(learning_rate=0.1,"),), "adam"),
    Entry("optimizer_rate", "make_optimizer", "learning rate 0.01", (("lr=0.1", "lr=0.01"),), (("learning_rate=0.1", "learning_rate=0.01"),), "wrong_rate"),
    Entry("optimizer_default_rate", "make_optimizer", "learning rate 0.001", (("lr=0.1, ", ""),), (("learning_rate=0.1", "learning_rate=0.001"),), "wrong_rate"),
    Entry("optimizer_no_momentum", "make_optimizer", "last gradient alone", (("momentum=0.9, ", ""),), (("momentum=0.9, ", ""),), "no_momentum"),
    Entry("optimizer_momentum", "make_optimizer", "momentum 0.99", (("momentum=0.9,", "momentum=0.99,"),), (("momentum=0.9,", "momentum=0.99,"),), "wrong_momentum"),
    Entry("optimizer_nesterov", "make_optimizer", "Nesterov", (("momentum=0.9,", "momentum=0.9, nesterov=True,"),), (("momentum=0.9,", "momentum=0.9, nesterov=True,"),), "nesterov_momentum"),
    Entry("optimizer_no_decay", "make_optimizer", "hand the decay", ((", weight_decay=1e-5", ""),), ((", weight_decay=1e-5", ""),), "no_decay"),
    Entry("optimizer_papers_decay", "make_optimizer", "the paper's", (("1e-5", "1e-4"),), (("1e-5", "1e-4"),), "wrong_decay"),
    Entry("optimizer_large_decay", "make_optimizer", "about 0.01", (("1e-5", "1e-2"),), (("1e-5", "1e-2"),), "wrong_decay"),
    Entry("optimizer_dampening", "make_optimizer", "dampening", (("momentum=0.9,", "momentum=0.9, dampening=0.9,"),)),
    Entry("optimizer_uphill", "make_optimizer", "uphill", (("momentum=0.9,", "momentum=0.9, maximize=True,"),), mistake="wrong_sign"),
    Entry("optimizer_clipped", "make_optimizer", "without clipping", keras=(("momentum=0.9,", "momentum=0.9, clipnorm=1.0,"),)),
    Entry("optimizer_last_layer", "make_optimizer", "doesn't move", (("if parameter.requires_grad]", "if parameter.requires_grad][-2:]"),), mistake="left_out"),
    Entry("optimizer_kernels_only", "make_optimizer", "doesn't move", (("if parameter.requires_grad]", "if parameter.requires_grad and parameter.ndim > 1]"),), mistake="left_out"),
    Entry("optimizer_of_another_model", "make_optimizer", "no parameter moved", (("trainable = [", "import copy as c\n    model = c.deepcopy(model)\n    trainable = ["),), mistake="nothing_moves"),
    Entry("optimizer_decay_of_biases", "make_optimizer", "no decay of the convolution's kernel",
          (("SGD(trainable, lr=0.1, momentum=0.9, weight_decay=1e-5)",
            "SGD([{'params': [p for p in trainable if p.ndim > 1]}, {'params': [p for p in trainable if p.ndim < 2], 'weight_decay': 1e-5}], lr=0.1, momentum=0.9)"),),
          mistake="kernel_without_decay"),
    Entry("optimizer_two_rates", "make_optimizer", "all parameters learn at one rate",
          (("SGD(trainable, lr", "SGD([{'params': trainable[:-2]}, {'params': trainable[-2:], 'lr': 1.0}], lr"),), mistake="several_rates"),
    Entry("optimizer_counts_weights", "make_optimizer", "making the optimizer of a model that isn't built",
          keras=(("    return", "    print(model.count_params())\n    return"),)),
    Entry("optimizer_returns_nothing", "make_optimizer", "`return` is missing", (("return torch", "torch"),), (("return keras", "keras"),)),
)  # fmt: skip
