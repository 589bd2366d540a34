"""Mutants of `classify`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_EVAL, T_BACK = "    model.eval()\n", "    model.train(was)\n"
T_SOFTMAX, T_BEST = "model(images).softmax(dim=1)", "probabilities.topk(k, dim=1)"
T_PAIR, T_GUARD = "(names[number], probability)", "    with torch.no_grad():\n"
K_MODEL, K_SOFTMAX = "model(images, training=False)", "keras.ops.softmax(logits, axis=-1)"
K_BEST, K_PAIR = "np.argsort(-probabilities, axis=-1)[:, :k]", "(names[number], float(values[number]))"
T_LIST, K_LIST = "    return [\n        [(names", "    return [\n        [(names"


def _mutant(name: str, says: str, torch: Edits = (), keras: Edits = (), mistake: str = "") -> Entry:
    return Entry(f"classify_{name}", "classify", says, torch, keras, mistake)


def _after(text: str, torch: str) -> Edits:
    """A line behind another in PyTorch."""
    return ((text, f"{text}{torch}\n"),)


MUTANTS = (
    _mutant("partition", "not the most probable first", ((T_BEST, "probabilities, torch.from_numpy(__import__('numpy').argpartition(-probabilities.numpy(), k - 1)[:, :k])\n    best = best.gather(1, numbers)"),), ((K_BEST, "np.argpartition(-np.array(probabilities), k - 1, axis=-1)[:, :k]"),), "in_no_order"),
    _mutant("short_batch_dropped", "one list per image", ((T_SOFTMAX, "torch.cat([model(part) for part in images.split(4) if len(part) in (4, len(images))]).softmax(dim=1)"),),
            ((K_MODEL, "keras.ops.concatenate([model(images[i : i + 4], training=False) for i in range(0, len(images), 4) if i + 4 <= len(images) or not i])"),), "wrong_count"),
    _mutant("without_eval", "model in training mode", ((T_EVAL, ""),), ((K_MODEL, "model(images, training=True)"),), "training_mode"),
    _mutant("no_softmax", "the logits themselves", ((T_SOFTMAX, "model(images)"),), ((K_SOFTMAX, "logits"),), "logits_as_probabilities"),
    _mutant("softmax_twice", "softmax of a softmax", ((T_SOFTMAX, "model(images).softmax(1).softmax(1)"),), ((K_SOFTMAX, "keras.ops.softmax(keras.ops.softmax(logits))"),), "softmax_twice"),
    _mutant("softmax_over_batch", "wrong axis", ((T_SOFTMAX, "model(images).softmax(dim=0)"),), ((K_SOFTMAX, "keras.ops.softmax(logits, axis=0)"),), "softmax_over_batch"),
    _mutant("softmax_over_best", "over *all* classes", ((T_SOFTMAX, "model(images)"), (T_BEST, f"{T_BEST}\n    best = best.softmax(1)")), ((K_SOFTMAX, "logits"), (K_BEST, f"{K_BEST}\n    chosen = np.take_along_axis(probabilities, best, 1)\n    probabilities = np.array(probabilities)\n    np.put_along_axis(probabilities, best, np.exp(chosen) / np.exp(chosen).sum(1, keepdims=True), 1)")), "softmax_over_best"),
    _mutant("sigmoid", "a sigmoid", ((T_SOFTMAX, "model(images).sigmoid()"),), ((K_SOFTMAX, "keras.ops.sigmoid(logits)"),), "sigmoid"),
    _mutant("log_softmax", "without the logarithm", ((T_SOFTMAX, "model(images).log_softmax(1)"),), ((K_SOFTMAX, "keras.ops.log_softmax(logits)"),), "log_softmax"),
    _mutant("percent", "between 0 and 1", ((T_SOFTMAX, f"100 * {T_SOFTMAX}"),), ((K_SOFTMAX, f"100 * {K_SOFTMAX}"),), "percent"),
    _mutant("exponentials", "exponentials", ((T_SOFTMAX, "model(images).exp()"),), ((K_SOFTMAX, "keras.ops.exp(logits)"),), "exponentials"),
    _mutant("divided_by_sum", "divided by their sum", ((T_SOFTMAX, "model(images) / model(images).sum(1, keepdim=True)"),), ((K_SOFTMAX, "logits / keras.ops.sum(logits, axis=-1, keepdims=True)"),), "divided_by_sum"),
    _mutant("hard_maximum", "1 for the best class", ((T_SOFTMAX, "F.one_hot(model(images).argmax(1), len(names)).float()"),), ((K_SOFTMAX, "keras.ops.one_hot(keras.ops.argmax(logits, axis=-1), len(names))"),), "hard_maximum"),
    _mutant("worst_first", "falling order", ((T_BEST, f"{T_BEST}\n    best, numbers = best.flip(1), numbers.flip(1)"),), ((K_BEST, "np.argsort(probabilities, axis=-1)[:, -k:]"),), "least_probable_first"),
    _mutant("worst", "least probable classes", ((T_BEST, "probabilities.topk(k, dim=1, largest=False)"),), ((K_BEST, "np.argsort(probabilities, axis=-1)[:, :k]"),), "least_probable"),
    _mutant("not_sorted", "order of their numbers", ((T_BEST, f"{T_BEST}\n    numbers = numbers.sort(1).values\n    best = probabilities.gather(1, numbers)"),), ((K_BEST, f"np.sort({K_BEST}, axis=-1)"),), "in_order_of_classes"),
    _mutant("first_k_classes", "before you take the first k", ((T_BEST, "probabilities[:, :k], torch.arange(k).repeat(len(images), 1)"),), ((K_BEST, "np.tile(np.arange(k), (len(images), 1))"),), "first_classes"),
    _mutant("names_sorted", "don't sort them", ((T_PAIR, "(sorted(names)[number], probability)"),), ((K_PAIR, "(sorted(names)[number], float(values[number]))"),), "names_sorted"),
    _mutant("names_by_rank", "other names", ((T_PAIR, "(names[row.index(number)], probability)"),), ((K_PAIR, "(names[list(row).index(number)], float(values[number]))"),), "wrong_names"),
    _mutant("names_off_by_one", "other names", ((T_PAIR, "(names[number - 1], probability)"),), ((K_PAIR, "(names[number - 1], float(values[number]))"),), "wrong_names"),
    _mutant("names_in_capitals", "names out of `names`", ((T_PAIR, "(names[number].upper(), probability)"),), ((K_PAIR, "(names[number].upper(), float(values[number]))"),), "strange_name"),
    _mutant("numbers_for_names", "and not its number", ((T_PAIR, "(number, probability)"),), ((K_PAIR, "(int(number), float(values[number]))"),), "no_pair"),
    _mutant("pairs_turned", "the name comes first", ((T_PAIR, "(probability, names[number])"),), ((K_PAIR, "(float(values[number]), names[number])"),), "no_pair"),
    _mutant("texts", "a name (a text) and one number", ((T_PAIR, "(names[number], f'{probability:.1%}')"),), ((K_PAIR, "(names[number], f'{values[number]:.1%}')"),), "no_pair"),
    _mutant("names_alone", "a pair is a tuple of two", ((T_PAIR, "names[number]"),), ((K_PAIR, "names[number]"),), "no_pair"),
    _mutant("k_ignored", "the first `k` pairs", ((T_BEST, "probabilities.topk(5, dim=1)"),), ((K_BEST, "np.argsort(-probabilities, axis=-1)[:, :5]"),), "not_k"),
    _mutant("default_of_three", "5 pairs", (("k=5", "k=3"),), (("k=5", "k=3"),), "not_k"),
    _mutant("first_image_alone", "one list per image", (("probabilities = model(images)", "probabilities = model(images[:1])"),), ((K_MODEL, "model(images[:1], training=False)"),), "wrong_count"),
    _mutant("first_image_for_all", "own row", ((T_BEST, f"{T_BEST}\n    best, numbers = best[:1].expand(len(images), -1), numbers[:1].expand(len(images), -1)"),), ((K_BEST, "np.argsort(-probabilities, axis=-1)[:, :k]\n    probabilities = np.repeat(probabilities[:1], len(images), 0)\n    best = np.repeat(best[:1], len(images), 0)"),), "first_image_for_all"),
    _mutant("dicts", "return a list of pairs", ((T_LIST, "    return [\n        dict([(names"), ("strict=True)]\n", "strict=True)])\n")), ((T_LIST, "    return [\n        dict([(names"), ("for number in row]\n", "for number in row])\n")), "no_pairs"),
    _mutant("generator", "one list per image", ((T_LIST, "    return (\n        [(names"), ("    ]\n    ### END", "    )\n    ### END")), ((K_LIST, "    return (\n        [(names"), ("    ]\n    ### END", "    )\n    ### END")), "no_list"),
    _mutant("batch_of_one_squeezed", "a batch of one image is a batch too", ((T_SOFTMAX, f"{T_SOFTMAX}.squeeze()"), ("topk(k, dim=1)", "topk(k)")), (("keras.ops.convert_to_numpy(", "np.squeeze("),), "batch_of_one"),
    _mutant("batch_of_one_unpacked", "a list that holds one list", (("    return [\n", "    answer = [\n"), ("    ]\n    ### END", "    ]\n    return answer[0] if len(answer) == 1 else answer\n    ### END")), (("    return [\n", "    answer = [\n"), ("    ]\n    ### END", "    ]\n    return answer[0] if len(answer) == 1 else answer\n    ### END")), "batch_lost"),
    _mutant("mode_left", "model.train(was)", ((T_BACK, ""),), (), "mode_not_restored"),
    _mutant("mode_training_afterwards", "model.train(was)", ((T_BACK, "    model.train()\n"),), (), "mode_not_restored"),
    _mutant("frozen_for_good", "as it was | that of", ((T_GUARD, "    model.requires_grad_(False)\n    if True:\n"),), (("    logits = ", "    model.trainable = False\n    logits = "),), ""),
    _mutant("unfrozen", "as it was | that of", ((T_GUARD, f"    model.requires_grad_(False)\n{T_GUARD}"), (T_BACK, f"    model.requires_grad_(True)\n{T_BACK}")), (("    logits = ", "    for part in model.layers:\n        part.trainable = True\n    logits = "),), ""),
    _mutant("gradients_reset", "`.grad` as it was", ((T_GUARD, f"    model.zero_grad()\n{T_GUARD}"),), (), "gradients_changed"),
    _mutant("gradients_computed", "`.grad` as it was", ((T_GUARD, "    with torch.enable_grad():\n"), (T_BACK, "    with torch.enable_grad():\n        probabilities.sum().backward()\n    probabilities = probabilities.detach()\n" + T_BACK)), (), "gradients_changed"),
    _mutant("gradients_off_for_good", "gradients switched on or off", ((T_GUARD, "    torch.set_grad_enabled(False)\n    if True:\n"),), (), "gradient_mode_not_restored"),
    _mutant("gradients_on_for_good", "gradients switched on or off", ((T_BACK, f"    torch.set_grad_enabled(True)\n{T_BACK}"),), (), "gradient_mode_not_restored"),
    _mutant("softmax_built_in", "the layers as they were", ((T_GUARD, "    model.add_module('softmax', nn.Softmax(1))\n" + T_GUARD),), (("    logits = ", "    model.layers[-1].activation = keras.activations.softmax\n    logits = "), (K_SOFTMAX, "logits")), "model_changed"),
    _mutant("weights_changed", "has other values", ((T_BACK, "        next(model.parameters()).add_(1e-3)\n" + T_BACK),), (("    best = ", "    model.weights[0].assign_add(0.001 * keras.ops.ones_like(model.weights[0]))\n    best = "),), "weights_changed"),
)  # fmt: skip
