"""Honest variants of `a1_cnn`: legal choices and other styles, which must all reach full marks."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.a1_cnn.epoch import END, K_FOR, K_GRADIENTS, K_LOSS, K_MAKE, K_STEP, T_CLEAR, T_FOR, T_LOSS, T_STEP
from tests.bank.a1_cnn.evaluating import END as SHARE
from tests.bank.a1_cnn.evaluating import K_RIGHT, T_RIGHT
from tests.bank.a1_cnn.layer import K_CONV, K_END, T_CONV, T_END, T_NORM, own_norm
from tests.bank.a1_cnn.net import K_HEAD, K_POOL, K_TRAINABLE, T_HEAD, T_POOL, T_TOTAL, T_TRAINABLE

K_TAPE = (
    "        with tf.GradientTape() as tape:\n            loss = cross_entropy(labels, model(images, training=True))\n"
)
K_BATCH = (f"    cross_entropy = {K_MAKE}\n", f"    model.compile(optimizer=optimizer, loss={K_MAKE})\n")

LAYER = (
    Entry("layer_with_bias", "conv_bn_relu", torch=((", bias=False", ""),), keras=((", use_bias=False", ""),)),
    Entry("layer_own_norm", "conv_bn_relu", **own_norm()),
    Entry("layer_own_norm_by_addcmul", "conv_bn_relu", torch=own_norm(("return x * factor[:, None, None] + (self.shift - mean * factor)[:, None, None]", "return torch.addcmul((self.shift - mean * factor)[:, None, None], x, factor[:, None, None])"))["torch"]),
    Entry("layer_own_norm_never_negative", "conv_bn_relu", torch=own_norm(("torch.sqrt(variance + 1e-4)", "torch.sqrt(variance.clamp(min=0.0) + 1e-4)"))["torch"],
          keras=own_norm(keras=("keras.ops.sqrt(variance + 1e-4)", "keras.ops.sqrt(keras.ops.maximum(variance, 0.0) + 1e-4)"))["keras"]),
    Entry("layer_own_norm_keeps_unbiased_variance", "conv_bn_relu", torch=own_norm(("                self.variance.lerp_(variance, 0.3)\n", "                self.variance.lerp_(x.var((0, 2, 3)), 0.3)\n"))["torch"]),
    Entry("layer_other_epsilon_and_momentum", "conv_bn_relu", torch=((T_NORM, "nn.BatchNorm2d(out_channels, eps=1e-3, momentum=0.01)"),), keras=(("layers.BatchNormalization()", "layers.BatchNormalization(epsilon=1e-5, momentum=0.9)"),)),
    Entry("layer_lazy", "conv_bn_relu", torch=((T_CONV, "nn.LazyConv2d(out_channels, 3, stride, 1)"), (T_NORM, "nn.LazyBatchNorm2d()")), touches=("simple_cnn",)),
    Entry("layer_padded_by_hand", "conv_bn_relu", torch=((", padding=1", ""), ("self.conv(x)", "self.conv(F.pad(x, (1, 1, 1, 1)))")), keras=((f"{K_CONV}(x)", 'layers.Conv2D(channels, 3, strides=stride, padding="valid")(layers.ZeroPadding2D(1)(x))'),)),
    Entry("layer_clamped", "conv_bn_relu", torch=((T_END, "return self.bn(self.conv(x)).clamp_(min=0)"),), keras=((K_END, "return keras.ops.maximum(x, 0.0)"),)),
    Entry("layer_nested", "conv_bn_relu", torch=((f"self.conv = {T_CONV}", f"self.conv = nn.Sequential({T_CONV})"),), keras=((f"{K_CONV}(x)", f"keras.Sequential([{K_CONV}])(x)"),)),
    Entry("layer_unfolded", "conv_bn_relu", torch=((T_END, "n, _, h, w = x.shape\n        s = self.conv.stride[0]\n        columns = self.conv.weight.flatten(1) @ F.unfold(x, 3, padding=1, stride=s)\n        return F.relu(self.bn(columns.view(n, -1, -(-h // s), -(-w // s))))"),)),
)  # fmt: skip
NET = (
    Entry("net_flattened_by_view", "simple_cnn", torch=(("    return nn.Sequential(", "    class Flat(nn.Module):\n        def forward(self, x):\n            return x.view(-1, 64 * 16)\n\n    return nn.Sequential("), (T_POOL, "        nn.MaxPool2d(2),\n"), ("nn.Flatten(),\n        nn.Linear(64, num_classes)", "Flat(),\n        nn.Linear(64 * 16, num_classes)"))),
    Entry("net_log_softmax", "simple_cnn", torch=((T_HEAD, f"{T_HEAD}        nn.LogSoftmax(dim=1),\n"),), keras=((K_HEAD, f'layers.Activation("log_softmax")({K_HEAD})'),)),
    Entry("net_flattened_with_dropout", "simple_cnn", torch=((T_POOL, "        nn.MaxPool2d(2),\n"), ("nn.Flatten(),\n        nn.Linear(64, num_classes)", "nn.Flatten(),\n        nn.Dropout(0.2),\n        nn.Linear(64 * 16, num_classes)")), keras=((K_POOL, "    x = layers.Flatten()(layers.MaxPooling2D()(x))\n    x = layers.Dropout(0.2)(x)\n"),)),
    Entry("net_depthwise", "simple_cnn", torch=(("ConvBNReLU(32, 64, stride=2)", "nn.Conv2d(32, 32, 3, 2, 1, groups=32),\n        ConvBNReLU(32, 64)"),), keras=(("x = conv_bn_relu(x, 64, stride=2)", "x = layers.SeparableConv2D(64, 3, strides=2)(x)\n    x = layers.ReLU()(layers.BatchNormalization()(x))"),)),
    Entry("net_head_as_convolution", "simple_cnn", torch=((T_POOL + "        nn.Flatten(),\n" + T_HEAD, "        nn.Conv2d(64, num_classes, 1),\n" + T_POOL + "        nn.Flatten(),\n"),), keras=((K_POOL, "    x = layers.Conv2D(num_classes, 1)(x)\n"), (K_HEAD, "layers.GlobalAveragePooling2D()(x)"))),
    Entry("net_seeded_inside", "simple_cnn", torch=(("    return nn.Seq", "    torch.manual_seed(3)\n    return nn.Seq"),), keras=(("    image = keras", "    keras.utils.set_random_seed(3)\n    image = keras"),)),
    Entry("net_head_of_zeros", "simple_cnn", torch=(("    return nn.Sequential(", "    net = nn.Sequential("), ("        nn.Linear(64, num_classes),\n    )\n", "        nn.Linear(64, num_classes),\n    )\n    nn.init.zeros_(net[-1].weight)\n    return net\n")), keras=(("layers.Dense(num_classes)", 'layers.Dense(num_classes, kernel_initializer="zeros")'),)),
)  # fmt: skip
COUNTS = (
    Entry("count_list_of_numpy_numbers", "count_parameters", torch=(("return trainable, total", "import numpy as np\n    return [np.int64(trainable), torch.tensor(total)]"),), keras=(("return trainable, total", "return [np.int64(trainable), np.int32(total)]"),)),
    Entry("count_by_count_params", "count_parameters", keras=((K_TRAINABLE, "model.count_params() - sum(int(np.prod(w.shape)) for w in model.non_trainable_weights)"), ("sum(int(np.prod(weight.shape)) for weight in model.weights)", "model.count_params()"))),
    Entry("count_by_id", "count_parameters", torch=((T_TOTAL, "sum(p.numel() for p in {id(p): p for m in model.modules() for p in m.parameters(recurse=False)}.values())"), (T_TRAINABLE, "sum(p.nelement() for _, p in model.named_parameters() if p.requires_grad)"))),
)  # fmt: skip
EPOCH = (
    Entry("epoch_cleared_behind_step", "train_epoch", torch=((T_CLEAR, ""), (T_STEP, T_STEP + T_CLEAR))),
    Entry("epoch_negative_log_likelihood", "train_epoch", torch=((T_LOSS, "F.nll_loss(F.log_softmax(model(images), 1), labels)"),), keras=((K_LOSS, "keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, model(images, training=True), from_logits=True))"),)),
    Entry("epoch_returns_a_tensor", "train_epoch", torch=(("total += loss.item()", "total += loss.detach()"), (END, "    model.eval()\n    return total / count\n")), keras=(("total += float(loss)", "total += loss"),)),
    Entry("epoch_one_hot", "train_epoch", torch=((T_LOSS, "F.cross_entropy(model(images), F.one_hot(labels, 5).float())"),), keras=((K_LOSS, "keras.losses.CategoricalCrossentropy(from_logits=True)(keras.ops.one_hot(labels, 5), model(images, training=True))"),)),
    Entry("epoch_next", "train_epoch", torch=((T_FOR, "    batches = iter(batches)\n    while (batch := next(batches, None)) is not None:\n        images, labels = batch\n"),), keras=((K_FOR, "    batches = iter(batches)\n    while (batch := next(batches, None)) is not None:\n        images, labels = batch\n"),)),
    Entry("epoch_train_on_batch", "train_epoch", keras=(K_BATCH, (K_TAPE + K_GRADIENTS + K_STEP, "        model.reset_metrics()\n        loss = model.train_on_batch(images, labels)\n"))),
    Entry("epoch_fit_each_batch", "train_epoch", keras=(K_BATCH, (K_TAPE + K_GRADIENTS + K_STEP, '        loss = model.fit(images, labels, batch_size=len(labels), verbose=0).history["loss"][0]\n'))),
    Entry("epoch_fit_on_generator", "train_epoch", keras=((f"    cross_entropy = {K_MAKE}\n", f"    model.compile(optimizer=optimizer, loss={K_MAKE})\n    return model.fit(((images, labels) for images, labels in batches), epochs=1, verbose=0).history['loss'][-1]\n    cross_entropy = {K_MAKE}\n"),)),
    Entry("epoch_apply_gradients", "train_epoch", keras=((K_STEP, "        optimizer.apply_gradients(zip(gradients, model.trainable_weights))\n"),)),
    Entry("epoch_cleared_to_zeros", "train_epoch", torch=((T_CLEAR, "        optimizer.zero_grad(set_to_none=False)\n"),)),
)  # fmt: skip
EVALUATE = (
    Entry("evaluate_by_metric", "evaluate", keras=(("    right, count = 0, 0\n", "    metric = keras.metrics.SparseCategoricalAccuracy()\n"), (f"        right += {K_RIGHT}\n        count += len(labels)\n", "        metric.update_state(labels, logits)\n"), (SHARE, "    return metric.result()\n")),
          torch=((T_RIGHT, "int((F.softmax(model(images), 1).max(1).indices - labels == 0).sum())"),)),
    Entry("evaluate_predict", "evaluate", keras=(("model(images, training=False)", "model.predict(images, verbose=0)"),), torch=(("    with torch.no_grad():\n", "    with torch.inference_mode():\n"),)),
    Entry("evaluate_compiled", "evaluate", keras=(("    right, count = 0, 0\n", "    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])\n    right, count = 0, 0\n"), (f"        logits = model(images, training=False)\n        right += {K_RIGHT}\n", "        right += len(labels) * model.evaluate(images, labels, verbose=0, return_dict=True)['accuracy']\n"))),
    Entry("evaluate_with_gradients_on", "evaluate", torch=(("    with torch.no_grad():\n", "    if True:\n"),)),
    Entry("evaluate_all_at_once", "evaluate", torch=((SHARE, "    return torch.tensor(right / count)\n"),), keras=((SHARE, "    return np.float32(right / count)\n"),)),
)  # fmt: skip
VARIANTS = (*LAYER, *NET, *COUNTS, *EPOCH, *EVALUATE)
