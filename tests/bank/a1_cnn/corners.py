"""Mutants that are right for usual models, batches and calls, and wrong in the corners of the contract."""

from __future__ import annotations

from tests.bank import Entry

T_TOTAL = "total = sum(parameter.numel() for parameter in model.parameters())"
T_TRAINABLE = "trainable = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)"
K_TRAINABLE = "trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)"
K_TOTAL = "total = sum(int(np.prod(weight.shape)) for weight in model.weights)"
T_SIZES, K_SIZES = "parameter.numel()", "int(np.prod(weight.shape))"
T_BEST, K_BEST = "model(images).argmax(dim=1)", "np.argmax(logits, axis=-1)"
START = "    ### BEGIN SOLUTION\n"
KNOWN = "    known = globals().setdefault('known', {})\n    if model in known:\n        return known[model]\n"
AGAIN = "    known[model] = trainable, total\n    return trainable, total\n"

MUTANTS = (
    Entry("count_kernels_of_3x3", "count_parameters", "each element of each parameter counts once",
          ((T_SIZES, "(9 * parameter.shape[0] * parameter.shape[1] if parameter.ndim == 4 else parameter.numel())"),),
          ((K_SIZES, "int(9 * np.prod(weight.shape[2:]) if len(weight.shape) == 4 else np.prod(weight.shape))"),)),
    Entry("count_bytes", "count_parameters", "each element of each parameter counts once",
          ((T_SIZES, "parameter.numel() * parameter.element_size() // 4"),)),
    Entry("count_equal_ones_once", "count_parameters", "each element of each parameter counts once",
          ((T_TOTAL, "every = {tuple(p.flatten().tolist()): p for p in model.parameters()}.values()\n    total = sum(p.numel() for p in every)"),
           (T_TRAINABLE, "trainable = sum(p.numel() for p in every if p.requires_grad)"))),
    Entry("count_remembered", "count_parameters", "a frozen layer's parameters aren't trainable",
          ((START, START + KNOWN), ("    return trainable, total\n", AGAIN)),
          ((START, START + KNOWN), ("    return trainable, total\n", AGAIN))),
    Entry("count_thaws", "count_parameters", "frozen",
          (("    return trainable, total\n", "    model.requires_grad_(True)\n    return trainable, total\n"),),
          (("    return trainable, total\n", "    for layer in model._flatten_layers():\n        layer.trainable = True\n    return trainable, total\n"),)),
    Entry("epoch_clears_the_first_group", "train_epoch", "for each batch once: gradients cleared",
          (("optimizer.zero_grad()", "for parameter in optimizer.param_groups[0]['params']:\n            parameter.grad = None"),)),
    Entry("epoch_cut_at_32", "train_epoch", "for each batch once: gradients cleared",
          (("in batches:", "in [pair for x, y in batches for pair in zip(x.split(32), y.split(32))]:"),),
          (("in batches:", "in [(x[i : i + 32], y[i : i + 32]) for x, y in batches for i in range(0, len(y), 32)]:"),)),
    Entry("evaluate_ten_classes", "evaluate", "whose greatest logit is that of their label",
          ((T_BEST, "model(images)[:, :10].argmax(dim=1)"),), ((K_BEST, "np.argmax(logits[:, :10], axis=-1)"),)),
    Entry("evaluate_two_classes_by_sign", "evaluate", "whose greatest logit is that of their label",
          ((T_BEST, "(lambda logits: (logits[:, 1] > 0).long() if logits.shape[1] == 2 else logits.argmax(dim=1))(model(images))"),),
          ((K_BEST, "(np.array(logits)[:, 1] > 0 if logits.shape[1] == 2 else np.argmax(logits, axis=-1))"),)),
    Entry("evaluate_known_labels_alone", "evaluate", "divide by the number of images",
          (("            count += len(labels)\n", "            found = model(images).argmax(dim=1)\n            count += int(torch.isin(found, torch.arange(8)).sum())\n"),),
          (("        count += len(labels)\n", "        count += int(np.sum(np.argmax(logits, axis=-1) < 8))\n"),)),
    Entry("evaluate_batch_of_one_squeezed", "evaluate", "IndexError", ((T_BEST, "model(images).squeeze().argmax(dim=1)"),)),
    Entry("layer_statistics_by_gradients", "conv_bn_relu", "gradients are switched on",
          (("F.relu(self.bn(self.conv(x)))", "F.relu(F.batch_norm(self.conv(x), self.bn.running_mean, self.bn.running_var, self.bn.weight, self.bn.bias, torch.is_grad_enabled()))"),)),
)  # fmt: skip
