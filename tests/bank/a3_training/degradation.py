"""Mutants of `degradation`."""

from __future__ import annotations

from tests.bank import Entry

T_STEP = "                optimizer.zero_grad()\n                loss.backward()\n                optimizer.step()\n"
T_DRAW = (
    "    batches = []\n    while len(batches) < steps:\n        batches.extend(torch.randperm(len(images)).split(64))\n"
)
T_SGD = "torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)"
T_LOSS = "F.cross_entropy(net(images[batch]), labels[batch])"
T_LAST = "    last = losses[-20:]\n            result[kind, depth] = sum(last) / len(last)"
K_SGD = "keras.optimizers.SGD(learning_rate=0.02, momentum=0.9)"
K_DRAW = """    generator = np.random.default_rng()
    batches = []
    while len(batches) < steps:
        order = generator.permutation(len(images))
        batches.extend(order[start : start + 64] for start in range(0, len(order), 64))
"""
K_LOSS = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
K_LAST = "float(np.mean(losses[-20:]))"
T_NET, K_NET = "            net = build(kind, depth)\n", "            net = build(kind, depth)\n"


def _indented(text: str) -> str:
    return "".join(f"        {line}\n" for line in text.splitlines())


MUTANTS = (
    Entry("degradation_nets_of_an_earlier_call", "degradation", "at each call anew", (("# QUESTION degradation\n", "# QUESTION degradation\nNETS = {}\n\n\n"), ("build(kind, depth)", "NETS.get((kind, depth)) or NETS.setdefault((kind, depth), build(kind, depth))")), (("# QUESTION degradation\n", "# QUESTION degradation\nNETS = {}\n\n\n"), ("build(kind, depth)", "NETS.get((kind, depth)) or NETS.setdefault((kind, depth), build(kind, depth))"))),
    Entry("degradation_other_batches", "degradation", "draw the batches once", ((T_DRAW, ""), (T_NET, _indented(T_DRAW) + T_NET)), ((K_DRAW, ""), (K_NET, _indented(K_DRAW) + K_NET)), "other_batches"),
    Entry("degradation_one_order_per_kind", "degradation", "draw the batches once", ((T_DRAW, ""), ("        for depth in depths:\n", "".join(f"    {line}\n" for line in T_DRAW.splitlines()) + "        for depth in depths:\n")), mistake="other_batches"),
    Entry("degradation_seed_before_the_net", "degradation", "draw the batches once", ((T_DRAW, ""), (T_NET, "            torch.manual_seed(0)\n" + T_NET + _indented(T_DRAW))),
          ((K_DRAW, ""), (K_NET, "            keras.utils.set_random_seed(0)\n" + K_NET + _indented(K_DRAW.replace("np.random.default_rng()", "__import__('random')").replace("generator.permutation(len(images))", "np.array(generator.sample(range(len(images)), len(images)))")))), "other_batches"),
    Entry("degradation_rate_lowered_half_way", "degradation", "at one rate to the end",
          ((T_STEP, T_STEP + "                if len(losses) >= steps // 2:\n                    optimizer.param_groups[0]['lr'] = 0.002\n"),),
          ((K_SGD, "keras.optimizers.SGD(keras.optimizers.schedules.PiecewiseConstantDecay([steps // 2], [0.02, 0.002]), momentum=0.9)"),)),
    Entry("degradation_loss_behind_the_step", "degradation", "behind the step it is another one", (("losses.append(loss.item())", f"losses.append({T_LOSS}.item())"),),
          (("losses.append(float(net.train_on_batch(images[batch], labels[batch])))", "net.train_on_batch(images[batch], labels[batch])\n                losses.append(float(loss(labels[batch], net(images[batch], training=True))))"),), "two_passes_for_each_step"),
    Entry("degradation_rate", "degradation", "a learning rate of 0.1", (("lr=0.02", "lr=0.1"),), (("learning_rate=0.02", "learning_rate=0.1"),), "wrong_rate"),
    Entry("degradation_no_momentum", "degradation", "no momentum", ((", momentum=0.9)", ")"),), ((", momentum=0.9)", ")"),), "no_momentum"),
    Entry("degradation_nesterov", "degradation", "Nesterov", (("momentum=0.9)", "momentum=0.9, nesterov=True)"),), (("momentum=0.9)", "momentum=0.9, nesterov=True)"),), "nesterov_momentum"),
    Entry("degradation_adam", "degradation", "depart in step 1", ((T_SGD, "torch.optim.Adam(net.parameters(), lr=0.02)"),), ((K_SGD, "keras.optimizers.Adam(0.02)"),)),
    Entry("degradation_own_recipe", "degradation", "a learning rate of 0.1", ((T_SGD, "make_optimizer(net)"),), ((K_SGD, "make_optimizer(net)"),), "wrong_rate"),
    Entry("degradation_decay", "degradation", "depart in step", ((T_SGD, T_SGD.replace("momentum=0.9", "momentum=0.9, weight_decay=0.1")),), ((K_SGD, K_SGD.replace("momentum=0.9", "momentum=0.9, weight_decay=0.5")),)),
    Entry("degradation_no_zero_grad", "degradation", "add up from step to step", (("                optimizer.zero_grad()\n", ""),), mistake="no_zero_grad"),
    Entry("degradation_no_step", "degradation", "never move", (("                optimizer.step()\n", ""),), mistake="nothing_moves"),
    Entry("degradation_evaluation_mode", "degradation", "evaluation mode", (("net.train()", "net.eval()"),),
          (("                losses.append(float(net.train_on_batch(images[batch], labels[batch])))\n",
            "                losses.append(step(net, images[batch], labels[batch]))\n"),
           ("def degradation(", "def step(net, x, y):\n    import tensorflow as tf\n    with tf.GradientTape() as tape:\n        value = net.loss(y, net(x))\n    variables = net.trainable_variables\n"
            "    net.optimizer.apply_gradients(zip(tape.gradient(value, variables), variables))\n    return float(value)\n\n\ndef degradation(")), "evaluation_mode_in_training"),
    Entry("degradation_batches_of_32", "degradation", "a batch of 32", ((".split(64)", ".split(32)"),), (("start + 64] for start in range(0, len(order), 64)", "start + 32] for start in range(0, len(order), 32)"),), "wrong_batch_size"),
    Entry("degradation_whole_set", "degradation", "a batch of 1", ((".split(64)", ".split(len(images))"),), mistake="wrong_batch_size"),
    Entry("degradation_one_step_too_few", "degradation", "steps for each net", (("batches[:steps]", "batches[: steps - 1]"),), (("batches[:steps]", "batches[: steps - 1]"),), "wrong_steps"),
    Entry("degradation_steps_are_epochs", "degradation", "count steps", (("batches[:steps]", "batches"), ("while len(batches) < steps:", "for _ in range(steps):")), mistake="wrong_steps"),
    Entry("degradation_augments", "degradation", "no augmentation", ((T_LOSS, T_LOSS.replace("images[batch]", "images[batch].flip(-1)")),), (("train_on_batch(images[batch]", "train_on_batch(images[batch][:, :, ::-1]"),), "images_changed"),
    Entry("degradation_plain_twice", "degradation", "none of ('residual'", (("build(kind, depth)", 'build("plain", depth)'),), (("build(kind, depth)", 'build("plain", depth)'),), "net_missing"),
    Entry("degradation_first_depth_only", "degradation", "('plain', 26) is missing", (("for depth in depths:", "for depth in depths[:1]:"),), (("for depth in depths:", "for depth in depths[:1]:"),), "keys_wrong"),
    Entry("degradation_two_depths_at_most", "degradation", "('plain', 32) is missing", (("for depth in depths:", "for depth in depths[:2]:"),), (("for depth in depths:", "for depth in depths[:2]:"),), "keys_wrong"),
    Entry("degradation_fixed_depths", "degradation", "while running", (("for depth in depths:", "for depth in (20, 56):"),), (("for depth in depths:", "for depth in (20, 56):"),)),
    Entry("degradation_given_nets", "degradation", "none of ('plain'", (("net = build(kind, depth)", "net = given.small_nets('torch')(kind, depth)"),), mistake="net_missing"),
    Entry("degradation_initialises", "degradation", "initialise them again", ((T_NET, T_NET + "            init_weights(net)\n            net[0] if False else None\n".replace("            net[0] if False else None\n", "")),),
          ((K_NET, K_NET + "            net.set_weights([w * 1.1 for w in net.get_weights()])\n"),), "weights_changed_before"),
    Entry("degradation_one_optimizer", "degradation", "never move", ((T_SGD, "optimizer if result else " + T_SGD),), mistake="nothing_moves"),
    Entry("degradation_keys_reversed", "degradation", "the kind comes first", (("result[kind, depth]", "result[depth, kind]"),), (("result[kind, depth]", "result[depth, kind]"),), "keys_reversed"),
    Entry("degradation_keys_are_texts", "degradation", "the keys plain_20", (("result[kind, depth]", 'result[f"{kind}_{depth}"]'),), (("result[kind, depth]", 'result[f"{kind}_{depth}"]'),), "keys_wrong"),
    Entry("degradation_returns_a_list", "degradation", "`list`", (("return result", "return list(result.values())"),), (("return result", "return list(result.values())"),), "no_table"),
    Entry("degradation_returns_curves", "degradation", "something else than one number", ((T_LAST, "    result[kind, depth] = losses"),), ((K_LAST, "losses"),), "no_number"),
    Entry("degradation_last_loss", "degradation", "last step alone", ((T_LAST, "    result[kind, depth] = losses[-1]"),), ((K_LAST, "losses[-1]"),), "last_loss"),
    Entry("degradation_mean_of_all", "degradation", "over all steps", (("losses[-20:]", "losses"),), (("losses[-20:]", "losses"),), "mean_of_all"),
    Entry("degradation_first_twenty", "degradation", "first 20", (("losses[-20:]", "losses[:20]"),), (("losses[-20:]", "losses[:20]"),), "first_steps"),
    Entry("degradation_last_ten", "degradation", "last 10", (("losses[-20:]", "losses[-10:]"),), (("losses[-20:]", "losses[-10:]"),), "wrong_window"),
    Entry("degradation_divides_by_twenty", "degradation", "there are fewer", (("sum(last) / len(last)", "sum(last) / 20"),), ((K_LAST, "sum(losses[-20:]) / 20"),), "wrong_divisor"),
    Entry("degradation_running_mean", "degradation", "running means", (("losses[-20:]", "[sum(losses[: n + 1]) / (n + 1) for n in range(len(losses))][-20:]"),),
          (("losses[-20:]", "(np.cumsum(losses) / np.arange(1, len(losses) + 1))[-20:]"),), "running_mean"),
    Entry("degradation_running_mean_over_images", "degradation", "running means, over all images",
          (("losses[-20:]", "[sum(len(b) * loss for b, loss in zip(batches[: n + 1], losses)) / sum(map(len, batches[: n + 1])) for n in range(len(losses))][-20:]"),),
          (("losses[-20:]", "(np.cumsum(losses * (sizes := np.array([len(b) for b in batches[:steps]]))) / np.cumsum(sizes))[-20:]"),), "running_mean"),
    Entry("degradation_not_from_logits", "degradation", "taken for probabilities", keras=((K_LOSS, '"sparse_categorical_crossentropy"'),), mistake="logits_as_probabilities"),
    Entry("degradation_softmax_first", "degradation", "softmax", ((T_LOSS, T_LOSS.replace("net(images[batch])", "net(images[batch]).softmax(1)")),), mistake="softmax_twice"),
    Entry("degradation_default_steps", "degradation", "the default steps=120", (("steps=120", "steps=100"),), (("steps=120", "steps=100"),)),
    Entry("degradation_default_depths", "degradation", "the default depths", (("depths=(20, 56)", "depths=(20, 110)"),), (("depths=(20, 56)", "depths=(20, 110)"),)),
    Entry("degradation_half_losses", "degradation", "its steps give", (("losses.append(loss.item())", "losses.append(loss.item() / 2)"),),
          (("losses.append(float(", "losses.append(0.5 * float("),)),
)  # fmt: skip
