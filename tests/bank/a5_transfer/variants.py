"""Honest variants of the solutions."""

from __future__ import annotations

from tests.bank import Edits, Entry
from tests.bank.a5_transfer.fine_tuner import K_FLAG, T_MODEL
from tests.bank.a5_transfer.heads import K_DENSE, K_FREEZE, K_MODEL, T_FREEZE, T_HEAD, T_OUT
from tests.bank.a5_transfer.pipelines import K_PREDICT, T_PREDICT
from tests.bank.a5_transfer.rates import K_LOSS, K_METRICS, K_OPTIMIZER, T_GROUPS, T_REST
from tests.bank.a5_transfer.rates import T_HEAD as T_FAST

BOTH = ("fine_tuner", "parameter_groups")
NESTED = "    inputs = keras.Input(backbone.input_shape[1:])\n    return keras.Model(inputs, layers.Dense(num_classes)(backbone(inputs, training=False)))"
T_TRAIN = "    def train(self, mode=True):\n        super().train(mode)\n        self.body.eval()\n        for name in self.learning:\n            getattr(self.body, name).train(mode)\n        return self\n"

FOLDED = """class Affine(nn.Module):
    def __init__(self, norm):
        super().__init__()
        scale = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)
        self.register_buffer("scale", scale)
        self.register_buffer("shift", norm.bias.detach() - norm.running_mean * scale)

    def forward(self, x):
        return x * self.scale[:, None, None] + self.shift[:, None, None]


def folded(module):
    for name, child in list(module.named_children()):
        setattr(module, name, Affine(child) if isinstance(child, nn.BatchNorm2d) else folded(child))
    return module


"""

T_FUSED = """def fused(module):
    parts = list(module.named_children())
    for (name, convolution), (other, norm) in zip(parts, parts[1:]):
        if isinstance(norm, nn.BatchNorm2d):
            setattr(module, name, nn.utils.fusion.fuse_conv_bn_eval(convolution.eval(), norm.eval()))
            setattr(module, other, nn.Identity())
        fused(norm)
    return module


"""
K_FUSED = """def fused(backbone):
    def twin(layer):
        if isinstance(layer, layers.BatchNormalization):
            layer = layers.BatchNormalization(name=layer.name, center=False, scale=False, epsilon=1e-12)
            layer.call = lambda inputs, training=None, mask=None: inputs
            return layer
        more = {"use_bias": True} if isinstance(layer, layers.Conv2D) else {}
        return type(layer).from_config(layer.get_config() | more)

    found = keras.models.clone_model(backbone, clone_function=twin)
    for norm in backbone.layers:
        if isinstance(norm, layers.BatchNormalization):
            gamma, beta, mean, variance = norm.get_weights()
            scale = gamma / np.sqrt(variance + norm.epsilon)
            name = norm.name[:-2] + "conv"
            kernel, *bias = backbone.get_layer(name).get_weights()
            found.get_layer(name).set_weights([kernel * scale, (sum(bias) - mean) * scale + beta])
    return found


"""


def _variant(name: str, question: str, torch: Edits = (), keras: Edits = (), touches: tuple[str, ...] = ()) -> Entry:
    return Entry(f"{question}_{name}", question, torch=torch, keras=keras, touches=touches)


def _chosen(code: str) -> tuple[Edits, Edits]:
    """Another text of `choose_strategy`."""
    edits = (("if images_per_class < 50:", f"{code}\n    if images_per_class < 50:"),)
    return edits, edits


K_BUILT = """
    class Whole(keras.Model):
        def __init__(self):
            super().__init__()
            self.body, self.head = backbone, layers.Dense(num_classes)

        def build(self, shape):
            self.built = True

        def call(self, x, training=None):
            return self.head(self.body(x, training=training))

    model = Whole()
    model.build(backbone.input_shape)
    assert model.built and not model.head.built
    return model"""
VARIANTS = (
    # a hidden layer costs its points in the questions that make the model alone
    Entry("groups_beside_a_hidden_layer", "parameter_groups", torch=(("self.head = nn.Linear(backbone.fc.in_features, num_classes)", "self.head = nn.Sequential(nn.Linear(backbone.fc.in_features, 30), nn.ReLU(), nn.Linear(30, num_classes))"),), cell="feature_extractor"),
    # that the stages are initialised anew costs its points in `fine_tuner` alone
    Entry("groups_of_a_reset_stage", "parameter_groups", torch=(("getattr(self.body, name).requires_grad_(True)", "getattr(self.body, name).requires_grad_(True).apply(lambda part: part.reset_parameters() if hasattr(part, 'reset_parameters') else None)"),), cell="feature_extractor"),
    _variant("dropout", "feature_extractor", ((T_OUT, "return self.head(F.dropout(self.body(x), training=self.training))"),), ((K_DENSE, "layers.Dense(num_classes)(layers.Dropout(0.5)(backbone.output))"),), ("fine_tuner",)),
    _variant("head_of_zeros", "feature_extractor", ((T_HEAD, f"{T_HEAD}\n        nn.init.zeros_(self.head.weight)"),), ((K_DENSE, K_DENSE.replace('"head"', '"head", kernel_initializer="zeros"')),), BOTH),
    _variant("copied", "feature_extractor", (("self.body = backbone\n", "import copy\n\n        self.body = copy.deepcopy(backbone)\n"),),
             ((K_FREEZE, f"    clone = keras.models.clone_model(backbone)\n    clone.set_weights(backbone.get_weights())\n    backbone = clone\n{K_FREEZE}"),)),
    _variant("detached", "feature_extractor", ((T_FREEZE, ""), (T_OUT, "return self.head(self.body(x).detach())")), ()),
    _variant("convolution_as_head", "feature_extractor", ((T_HEAD, "self.head = nn.Sequential(nn.Unflatten(1, (-1, 1, 1)), nn.Conv2d(backbone.fc.in_features, num_classes, 1), nn.Flatten())"),), (), BOTH),
    _variant("lazy_head", "feature_extractor", ((T_HEAD, "self.head = nn.LazyLinear(num_classes)"),), ()),
    _variant("norms_pinned", "feature_extractor", ((T_TRAIN, "    def train(self, mode=True):\n        super().train(mode)\n        for part in self.body.modules():\n            if isinstance(part, nn.BatchNorm2d):\n                part.eval()\n        return self\n"),), (), ("fine_tuner",)),
    _variant("nested", "feature_extractor", (), ((K_MODEL, NESTED.lstrip()),)),
    _variant("sequential", "feature_extractor", (), ((K_MODEL, "return keras.Sequential([backbone, layers.Dense(num_classes)])"),)),
    _variant("built_but_for_the_head", "feature_extractor", (), (("    return keras.Model(backbone.input, layers.Dense(num_classes, name=\"head\")(backbone.output))", K_BUILT),)),
    _variant("flags_one_by_one", "feature_extractor", ((T_FREEZE, "        for parameter in self.body.parameters():\n            parameter.requires_grad = False\n"),), ((K_FREEZE, "    for layer in backbone.layers:\n        layer.trainable = False\n"),), ("fine_tuner",)),
    _variant("norms_frozen", "fine_tuner", ((T_MODEL, f"model = {T_MODEL[7:]}\n    for part in model.body.modules():\n        if isinstance(part, nn.BatchNorm2d):\n            part.requires_grad_(False)\n            part.train = lambda mode=True: None\n    return model"),),
             ((K_FLAG, f"{K_FLAG} and not isinstance(layer, layers.BatchNormalization)"),)),
    _variant("stem_free_at_all_stages", "fine_tuner", ((T_MODEL, "learning = names[-stages:] + (['conv1', 'bn1'] if stages == len(names) else [])\n    return Transferred(backbone, num_classes, learning)"),),
             ((K_FLAG, f"{K_FLAG} or first == 1"),)),
    _variant("generators", "parameter_groups", ((T_GROUPS, "return ({'params': (p for p in part), 'lr': rate} for part, rate in ((model.head.parameters(), lr), (rest, lr / 10)))"),), ()),
    _variant("one_group_each", "parameter_groups", ((T_GROUPS, f"return [{T_FAST}, *({{'params': p, 'lr': 0.1 * lr}} for p in rest)]"),), ()),
    _variant("named_pairs", "parameter_groups", ((T_GROUPS, "body = [(n, p) for n, p in model.named_parameters() if not n.startswith('head')]\n    return [{'params': list(model.head.named_parameters()), 'lr': lr}, {'params': body, 'lr': lr / 10}]"),), ()),
    _variant("frozen_ones_too", "parameter_groups", ((T_REST, "list(model.body.parameters())"),), ()),
    _variant("adam", "parameter_groups", (), ((K_OPTIMIZER, K_OPTIMIZER.replace("SGD", "Adam").replace(", momentum=0.9", "")),)),
    _variant("rmsprop", "parameter_groups", (), ((K_OPTIMIZER, K_OPTIMIZER.replace("SGD", "RMSprop")),)),
    _variant("own_loss", "parameter_groups", (), ((K_LOSS, "lambda y, z: keras.losses.sparse_categorical_crossentropy(y, z, from_logits=True)"), (K_METRICS, "[keras.metrics.SparseCategoricalAccuracy()]"))),
    _variant("table", "choose_strategy", *_chosen("return {(True, True): 'linear_head', (True, False): 'linear_on_stages', (False, True): 'fine_tune_few', (False, False): 'fine_tune_many'}[images_per_class < 50, similar]")),
    _variant("text_of_numpy", "choose_strategy", *_chosen("if images_per_class >= 50:\n        return np.str_('fine_tune_few' if similar else 'fine_tune_many')")),
    _variant("double_precision", "transfer", ((T_PREDICT, f"{T_PREDICT}.astype('float64') * 1000"),), ((K_PREDICT, f"{K_PREDICT}.astype('float64') * 1000"),)),
    _variant("log_probabilities", "transfer", ((T_PREDICT, T_PREDICT.replace(".numpy()", ".log_softmax(dim=1).numpy()")),), ((K_PREDICT, "return keras.ops.log_softmax(head(pooled(backbone, images))).numpy()"),)),
    _variant("cosines", "transfer", ((T_PREDICT, "means = torch.stack([features[labels == c].mean(0) for c in range(num_classes)])\n            return F.cosine_similarity(pooled(model, images)[:, None], means, dim=2).numpy()"),),
             ((K_PREDICT, "means = np.stack([np.array(features)[np.array(labels) == c].mean(0) for c in range(num_classes)])\n        means /= np.linalg.norm(means, axis=1, keepdims=True)\n        found = np.array(pooled(backbone, images))\n        return found @ means.T / np.linalg.norm(found, axis=1, keepdims=True)"),)),
    _variant("whole_numbers", "transfer", ((T_PREDICT, f"return (1000 * {T_PREDICT[7:]}).astype(int)"),), ((K_PREDICT, f"return (1000 * {K_PREDICT[7:]}).astype(int)"),)),
    _variant("no_validation", "transfer", (("        if found >= best:", "        if True:"),), (("        if found >= best:", "        if True:"),)),
    _variant("norms_in_kernels", "feature_extractor", (("self.body = backbone", "self.body = fused(backbone)"), ("class Transferred(nn.Module):", T_FUSED + "class Transferred(nn.Module):")), (), ("fine_tuner",)),
    _variant("norms_in_kernels_of_a_clone", "feature_extractor", (), (("def feature_extractor", K_FUSED + "def feature_extractor"), (K_FREEZE, f"    backbone = fused(backbone)\n{K_FREEZE}"))),
    _variant("folded_norms", "feature_extractor", (("self.body = backbone", "self.body = folded(backbone)"), ("class Transferred(nn.Module):", FOLDED + "class Transferred(nn.Module):")), touches=("fine_tuner",)),
)  # fmt: skip
