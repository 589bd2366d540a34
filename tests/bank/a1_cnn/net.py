"""Mutants of `simple_cnn` and of `count_parameters`."""

from __future__ import annotations

from tests.bank import Edits, Entry

N, C = "simple_cnn", "count_parameters"
T_HEAD = "        nn.Linear(64, num_classes),\n"
T_SECOND = "        ConvBNReLU(16, 32, stride=2),\n"
T_LAST = "        ConvBNReLU(32, 64, stride=2),\n"
T_POOL = "        nn.AdaptiveAvgPool2d(1),\n"
K_HEAD = "layers.Dense(num_classes)(x)"
K_LAST = "    x = conv_bn_relu(x, 64, stride=2)\n"
K_POOL = "    x = layers.GlobalAveragePooling2D()(x)\n"


def _end(torch: str, keras: str) -> tuple[Edits, Edits]:
    """Something behind the dense layer."""
    return ((T_HEAD, f"{T_HEAD}        {torch},\n"),), ((K_HEAD, f"{keras}({K_HEAD})"),)


T_LIST = (
    "    class Net(nn.Module):\n"
    "        def __init__(self):\n"
    "            super().__init__()\n"
    "            self.parts = [ConvBNReLU(3, 16), ConvBNReLU(16, 32, 2), ConvBNReLU(32, 64, 2)]\n"
    "            self.head = nn.Linear(64, num_classes)\n\n"
    "        def forward(self, x):\n"
    "            for part in self.parts:\n"
    "                x = part(x)\n"
    "            return self.head(x.mean((2, 3)))\n\n"
    "    return Net()\n"
)
T_BEGIN, K_BEGIN = "    return nn.Sequential(\n", "    image = keras.Input((32, 32, 3))\n"
K_HIDDEN = (
    "    class Hidden(layers.Layer):\n"
    "        def __init__(self):\n"
    "            super().__init__()\n"
    "            self.box = {'kernel': [lambda k=keras.Variable(np.random.normal(size=(3, 3, 3, 3)), dtype='float32'): k]}\n\n"
    "        def call(self, x):\n"
    "            return keras.ops.conv(x, self.box['kernel'][0](), padding='same')\n\n"
)

NET = (
    Entry("net_softmax_at_the_end", N, "softmax stands at the end", *_end("nn.Softmax(dim=1)", "layers.Softmax()"), mistake="softmax_at_the_end"),
    Entry("net_sigmoid_at_the_end", N, "sigmoid", *_end("nn.Sigmoid()", 'layers.Activation("sigmoid")'), mistake="sigmoid_at_the_end"),
    Entry("net_relu_at_the_end", N, "ReLU", *_end("nn.ReLU()", "layers.ReLU()"), mistake="relu_at_the_end"),
    Entry("net_ten_classes_always", N, "num_classes", (("nn.Linear(64, num_classes)", "nn.Linear(64, 10)"),), (("layers.Dense(num_classes)", "layers.Dense(10)"),), "num_classes_ignored"),
    Entry("net_of_64_classes_at_most", N, "from simple_cnn(100)", ((T_HEAD, T_HEAD.replace("num_classes", "min(num_classes, 64)")),), ((K_HEAD, K_HEAD.replace("num_classes", "min(num_classes, 64)")),)),
    Entry("net_not_flattened", N, "one row of logits", (("        nn.Flatten(),\n        nn.Linear(64, num_classes)", "        nn.Conv2d(64, num_classes, 1)"),), ((K_POOL, ""),)),
    Entry("net_squeezed", N, "batch axis", (("        nn.Flatten(),\n", ""), (T_BEGIN, "    net = nn.Sequential(\n"), (T_HEAD, "        nn.Flatten(0) if False else nn.Identity(),\n        nn.Conv2d(64, num_classes, 1),\n"), ("    )\n", "    )\n    net.forward = lambda x, forward=net.forward: forward(x).squeeze()\n    return net\n"))),
    Entry("net_too_many_parameters", N, "fewer than 100,000", ((T_HEAD, "        nn.Linear(64, 1500),\n        nn.ReLU(),\n        nn.Linear(1500, num_classes),\n"),), ((K_POOL, f'{K_POOL}    x = layers.Dense(1500, activation="relu")(x)\n'),), "too_many_parameters"),
    Entry("net_too_much_work", N, "30 million", ((T_SECOND, "        ConvBNReLU(16, 32),\n        ConvBNReLU(32, 32),\n        ConvBNReLU(32, 32),\n        ConvBNReLU(32, 32),\n"),), (("    x = conv_bn_relu(x, 32, stride=2)\n", "    for _ in range(4):\n        x = conv_bn_relu(x, 32)\n"),), "too_many_multiply_adds"),
    Entry("net_hopelessly_large", N, "million", ((T_BEGIN, "    return nn.Sequential(\n        nn.Upsample(scale_factor=8),\n"),), ((K_BEGIN, f"{K_BEGIN}    large = layers.UpSampling2D(8)(image)\n"), ("conv_bn_relu(image, 16)", "conv_bn_relu(large, 16)")), "too_many_multiply_adds"),
    Entry("net_in_a_python_list", N, "registered", ((T_BEGIN, f"{T_LIST}    return nn.Sequential(\n"),), ((K_BEGIN, f"{K_HIDDEN}{K_BEGIN}"), ("conv_bn_relu(image, 16)", "conv_bn_relu(Hidden()(image), 16)")), "unregistered_weights"),
    Entry("net_random_plain_tensor", N, "isn't saved", (("nn.AdaptiveAvgPool2d(1)", "type('Mix', (nn.Module,), {'forward': lambda self, x, mix=torch.rand(64, 1, 1): x * mix})(),\n        nn.AdaptiveAvgPool2d(1)"),), (("conv_bn_relu(image, 16)", "conv_bn_relu(image * np.random.uniform(0.2, 2, (32, 32, 1)), 16)"),), "state_is_not_all"),
    Entry("net_dropout_always", N, "two calls on the same images differ", ((T_HEAD, "        type('Drop', (nn.Module,), {'forward': lambda self, x: F.dropout(x, 0.3)})(),\n" + T_HEAD),),
          ((K_POOL, f"{K_POOL}    x = layers.Lambda(lambda x: tf.nn.dropout(x, 0.3))(x)\n"),), "random_in_evaluation"),
    Entry("net_scales_its_input_in_place", N, "images that are handed in stay as they are",
          (("    return nn.Sequential(\n", "    return nn.Sequential(\n        type('Scale', (nn.Module,), {'forward': lambda self, x: x.mul_(2)})(),\n"),), mistake="random_in_evaluation"),
    Entry("net_batch_in_evaluation", N, "other images of its batch", ((T_POOL, "        nn.BatchNorm2d(64, track_running_stats=False),\n" + T_POOL),), ((K_POOL, f"{K_POOL}    x = layers.Lambda(lambda x: x - keras.ops.mean(x, axis=0, keepdims=True))(x)\n"),), "batch_decides"),
    Entry("net_unused_layer", N, "a gradient for each", ((T_BEGIN, "    net = nn.Sequential(\n"), (T_HEAD + "    )\n", T_HEAD + "    )\n    net.spare = nn.Linear(3, 3)\n    net.forward = lambda x: net[5](net[4](net[3](net[2](net[1](net[0](x))))))\n    return net\n")), mistake="dead_parameters"),
    Entry("net_detached", N, "a gradient for each", ((T_POOL, "        type('Stop', (nn.Module,), {'forward': lambda self, x: x.detach()})(),\n" + T_POOL),), ((K_POOL, f"{K_POOL}    x = layers.Lambda(keras.ops.stop_gradient)(x)\n"),), "dead_parameters"),
    Entry("net_without_convolution", N, "unseen images", (("        ConvBNReLU(3, 16),\n" + T_SECOND + T_LAST, "        nn.Conv2d(3, 64, 1),\n"),), (("conv_bn_relu(image, 16)", "layers.Conv2D(64, 1)(image)"), ("    x = conv_bn_relu(x, 32, stride=2)\n" + K_LAST, "")), "learns_too_little"),
    Entry("net_is_no_model", N, "Module", ((T_BEGIN, "    return (\n"), ("        ConvBNReLU(3, 16),\n" + T_SECOND + T_LAST + T_POOL + "        nn.Flatten(),\n" + T_HEAD, "        lambda x: x\n"))),
)  # fmt: skip

T_TOTAL = "sum(parameter.numel() for parameter in model.parameters())"
T_TRAINABLE = "sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)"
K_TOTAL = "sum(int(np.prod(weight.shape)) for weight in model.weights)"
K_TRAINABLE = "sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)"

COUNTS = (
    Entry("net_even_classes_alone", "simple_cnn", "num_classes", (("nn.Linear(64, num_classes)", "nn.Linear(64, num_classes + num_classes % 2)"),), (("layers.Dense(num_classes)", "layers.Dense(num_classes + num_classes % 2)"),)),
    Entry("count_swapped", C, "wrong way round", (("trainable, total", "total, trainable"),), (("return trainable, total", "return total, trainable"),), "numbers_swapped"),
    Entry("count_frozen_as_trainable", C, "frozen", ((T_TRAINABLE, T_TOTAL),), ((K_TRAINABLE, K_TOTAL),), "frozen_counted_as_trainable"),
    Entry("count_frozen_as_trainable_in_keras", C, "frozen", keras=((K_TRAINABLE, "sum(int(np.prod(weight.shape)) for weight in model.weights if 'moving' not in weight.path)"),), mistake="frozen_counted_as_trainable_without_statistics"),
    Entry("count_frozen_left_out", C, "those that don't learn", ((T_TOTAL, T_TRAINABLE),), ((K_TOTAL, K_TRAINABLE),), "frozen_left_out"),
    Entry("count_buffers", C, "buffers", ((T_TOTAL, f"{T_TOTAL} + sum(buffer.numel() for buffer in model.buffers())"),), mistake="buffers_counted"),
    Entry("count_state_dict", C, "state_dict", ((T_TOTAL, "sum(tensor.numel() for tensor in model.state_dict().values())"),), mistake="state_dict_counted"),
    Entry("count_without_statistics", C, "moving statistics", keras=((K_TOTAL, "sum(int(np.prod(weight.shape)) for weight in model.weights if 'moving' not in weight.path)"),), mistake="statistics_left_out"),
    Entry("count_with_seeds", C, "seed", keras=((K_TOTAL, "sum(int(np.prod(weight.shape)) for weight in model.variables)"),), mistake="seeds_counted"),
    Entry("count_with_optimizer", C, "each element", keras=((K_TOTAL, f"{K_TOTAL} + sum(int(np.prod(v.shape)) for v in getattr(getattr(model, 'optimizer', None), 'variables', []))"),)),
    Entry("count_layers_whole", C, "layers counted as trainable or frozen as a whole", ((T_TRAINABLE, "sum(p.numel() for p in {p for m in model.modules() for p in m.parameters(recurse=False) if next(m.parameters(recurse=False)).requires_grad})"),),
          mistake="layers_counted_whole"),
    Entry("count_tensors", C, "number of tensors", ((".numel()", ".numel() ** 0"),), (("int(np.prod(weight.shape))", "1"),), "tensors_counted"),
    Entry("count_shared_twice", C, "counted twice", ((T_TOTAL, "sum(p.numel() for m in model.modules() for p in m.parameters(recurse=False))"), (T_TRAINABLE, "sum(p.numel() for m in model.modules() for p in m.parameters(recurse=False) if p.requires_grad)")), mistake="shared_counted_twice"),
    Entry("count_what_layers_hold", C, "what each layer holds added up", ((T_TOTAL, "sum(p.numel() for m in model.modules() if not list(m.children()) for p in m.parameters())"), (T_TRAINABLE, "sum(p.numel() for m in model.modules() if not list(m.children()) for p in m.parameters() if p.requires_grad)")), mistake="layers_added_up"),
    Entry("count_layers_that_learn", C, "moving statistics counted as trainable", keras=((K_TRAINABLE, "sum(layer.count_params() for layer in model.layers if layer.trainable)"),), mistake="statistics_of_layers_that_learn"),
    Entry("count_kernels_alone", C, "kernels alone", (("for parameter in model.parameters()", "for parameter in [p for p in model.parameters() if p.dim() > 1]"),), (("for weight in model.", "for weight in [w for w in model."), ("trainable_weights)", "trainable_weights if len(w.shape) > 1])"), ("model.weights)", "model.weights if len(w.shape) > 1])")), "kernels_counted_alone"),
    Entry("count_rest_for_total", C, "in place of the total", (("return trainable, total", "return trainable, total - trainable"),), (("return trainable, total", "return trainable, total - trainable"),)),
    Entry("count_outer_layers_alone", C, "each element", (("model.parameters()", "model.parameters(recurse=False)"),)),
    Entry("count_layers_by_kind", C, "each element", ((T_TOTAL, "sum(p.numel() for m in model.modules() if isinstance(m, (nn.Conv2d, nn.BatchNorm2d, nn.Linear)) for p in set(m.parameters()))"),)),
    Entry("count_of_layers", C, "each element", keras=((K_TOTAL, "sum(layer.count_params() for layer in model.layers)"),)),
    Entry("count_by_path", C, "one weight for each path", keras=((K_TOTAL, f"(lambda kept: {K_TOTAL.replace('model.weights', 'kept.values()')})({{w.path: w for w in model.weights}})"), (K_TRAINABLE, f"(lambda kept: {K_TRAINABLE.replace('model.trainable_weights', 'kept.values()')})({{w.path: w for w in model.trainable_weights}})")), mistake="paths_counted_once"),
    Entry("count_by_name", C, "one weight for each name", keras=((K_TOTAL, f"(lambda kept: {K_TOTAL.replace('model.weights', 'kept.values()')})({{w.name: w for w in model.weights}})"), (K_TRAINABLE, f"(lambda kept: {K_TRAINABLE.replace('model.trainable_weights', 'kept.values()')})({{w.name: w for w in model.trainable_weights}})")), mistake="names_counted_once"),
    Entry("count_one_number", C, "two whole numbers", (("return trainable, total", "return total"),), (("return trainable, total", "return total"),), "no_pair_of_numbers"),
    Entry("count_in_millions", C, "two whole numbers", (("return trainable, total", "return trainable / 1e6, total / 1e6"),), (("return trainable, total", "return trainable / 1e6, total / 1e6"),), "no_pair_of_numbers"),
    Entry("count_prints", C, "NoneType", (("return trainable, total", "print(trainable, total)"),), (("return trainable, total", "print(trainable, total)"),), "no_pair_of_numbers"),
    Entry("count_dictionary", C, "dict", (("return trainable, total", "return {'trainable': trainable, 'total': total}"),), (("return trainable, total", "return {'trainable': trainable, 'total': total}"),), "no_pair_of_numbers"),
)  # fmt: skip
MUTANTS = (*NET, *COUNTS)
