"""Mutants of `evaluate`."""

from __future__ import annotations

from tests.bank import Entry

Q = "evaluate"
T_RIGHT = "(model(images).argmax(dim=1) == labels).sum().item()"
K_RIGHT = "int(np.sum(np.argmax(logits, axis=-1) == labels))"
END = "    return right / count\n"
T_FOR = "        for images, labels in batches:\n"
K_FOR = "    for images, labels in batches:\n"
RESTORE = "    model.train(was_training)\n"


def _end(end: str) -> dict[str, tuple[tuple[str, str], ...]]:
    return {"torch": ((END, end),), "keras": ((END, end),)}


def _right(torch: str, keras: str, end: str = END) -> dict[str, tuple[tuple[str, str], ...]]:
    return {"torch": ((T_RIGHT, torch), (END, end)), "keras": ((K_RIGHT, keras), (END, end))}


K_GUESS = "        right += " + K_RIGHT + "\n        count += len(labels)\n"
K_ALL = "        guesses.append(np.argmax(logits, axis=-1))\n        wanted.append(labels.reshape(-1, 1))\n"

T_HITS = "    hits = [[] for _ in range(12)]\n"
_HIT = (
    "for scores, label in zip({}, labels):\n"
    "                hits[int(label)].append(int(scores.argmax() if hasattr(scores, 'argmax') else np.argmax(scores)) == int(label))\n"
)
MEAN = "    return sum(sum(part) / len(part) for part in hits if part) / sum(map(bool, hits))\n"

MUTANTS = (
    Entry("evaluate_pairs", Q, "each answer compared with every label", keras=(("    right, count = 0, 0\n", "    guesses, wanted = [], []\n"), (K_GUESS, K_ALL), (END, "    return float(np.mean(np.concatenate(guesses) == np.concatenate(wanted)))\n")),
          torch=(("    right, count = 0, 0\n", "    guesses, wanted = [], []\n"), (f"            right += {T_RIGHT}\n            count += len(labels)\n", "            guesses.append(model(images).argmax(dim=1))\n            wanted.append(labels[:, None])\n"), (END, "    return (torch.cat(guesses) == torch.cat(wanted)).float().mean().item()\n")), mistake="pairs_compared"),
    Entry("evaluate_pairs_of_batches", Q, "every label of its batch", **_right(T_RIGHT.replace("== labels", "== labels[:, None]").replace(".sum()", ".float().mean(0).sum()"), "float(np.sum(np.mean(np.argmax(logits, axis=-1) == labels[:, None], axis=0)))"), mistake="pairs_of_batches_compared"),
    Entry("evaluate_thaws", Q, "`requires_grad` of each parameter as before", (("    model.eval()\n", "    model.eval()\n    model.requires_grad_(False)\n"), (RESTORE, f"{RESTORE}    model.requires_grad_(True)\n")), mistake="requires_grad_changed"),
    Entry("evaluate_leaves_dropout_on", Q, "where dropout is still", (("    model.eval()\n", "    for part in model.modules():\n        if isinstance(part, nn.BatchNorm2d):\n            part.eval()\n"),)),
    Entry("evaluate_in_double_precision", Q, "weights of the type that they had", (("    model.eval()\n", "    model.eval().double()\n"), ("model(images)", "model(images.double())")), mistake="type_changed"),
    Entry("evaluate_clears_gradients", Q, "nothing to clear", (("    model.eval()\n", "    model.eval()\n    model.zero_grad()\n"),), mistake="gradients_touched"),
    Entry("evaluate_without_eval", Q, "training mode", (("    model.eval()\n", ""),), (("training=False", "training=True"),), "evaluated_in_training_mode"),
    Entry("evaluate_mode_lost", Q, "`model.training` as before", ((RESTORE, ""),), mistake="mode_not_restored"),
    Entry("evaluate_always_trains_on", Q, "`model.training` as before", ((RESTORE, "    model.train()\n"),), mistake="mode_not_restored"),
    Entry("evaluate_per_cent", Q, "per cent", **_end("    return 100 * right / count\n"), mistake="per_cent"),
    Entry("evaluate_count", Q, "number of right answers", **_end("    return right\n"), mistake="count_of_right_answers"),
    Entry("evaluate_errors", Q, "wrong answers", **_end("    return 1 - right / count\n"), mistake="share_of_wrong_answers"),
    Entry("evaluate_in_the_loop", Q, "first batch alone", ((END, f"    {END}"), (RESTORE, ""), ("            count += len(labels)\n", "            count += len(labels)\n            model.train(was_training)\n            return right / count\n")), ((END, f"    {END}"),), "first_batch_alone"),
    Entry("evaluate_mean_of_shares", Q, "short last batch", ((T_RIGHT, T_RIGHT.replace("sum()", "float().mean()")), ("count += len(labels)", "count += 1")),
          ((K_RIGHT, "float(np.mean(np.argmax(logits, axis=-1) == labels))"), ("count += len(labels)", "count += 1")), "mean_of_batch_shares"),
    Entry("evaluate_sum_of_shares", Q, "sum of the batches' shares", **_right(T_RIGHT.replace("sum()", "float().mean()"), "float(np.mean(np.argmax(logits, axis=-1) == labels))", "    return right\n"), mistake="summed_batch_shares"),
    Entry("evaluate_over_the_batch", Q, "of each class over the batch", **_right(T_RIGHT.replace("dim=1", "dim=0"), K_RIGHT.replace("axis=-1", "axis=0")), mistake="argmax_over_batch"),
    Entry("evaluate_least_likely", Q, "least", **_right(T_RIGHT.replace("argmax", "argmin"), K_RIGHT.replace("argmax", "argmin")), mistake="argmin"),
    Entry("evaluate_without_last_batch", Q, "without the last batch", ((T_FOR, "        for images, labels in list(batches)[:-1]:\n"),), ((K_FOR, "    for images, labels in list(batches)[:-1]:\n"),), "last_batch_missing"),
    Entry("evaluate_ten_batches_at_most", Q, "first batches alone", ((T_FOR, "        for images, labels in list(batches)[:10]:\n"),), ((K_FOR, "    for images, labels in list(batches)[:10]:\n"),), "later_batches_left_out"),
    Entry("evaluate_fifty_batches_at_most", Q, "first batches alone", ((T_FOR, "        for images, labels in list(batches)[:50]:\n"),), ((K_FOR, "    for images, labels in list(batches)[:50]:\n"),), "later_batches_left_out"),
    Entry("evaluate_last_batch", Q, "last batch alone", (("right += ", "right = "), ("count += ", "count = ")), (("right += ", "right = "), ("count += ", "count = ")), "last_batch_alone"),
    Entry("evaluate_as_if_full", Q, "each batch were a full one", (("count += len(labels)", "size = size if count else len(labels)\n            count += size"),), (("count += len(labels)", "size = size if count else len(labels)\n        count += size"),), "divided_by_full_batches"),
    Entry("evaluate_never_reset", Q, "ones before", (("def evaluate", "KEPT = [0, 0]\n\n\ndef evaluate"), ("    right, count = 0, 0\n", "    right, count = KEPT\n"), (END, f"    KEPT[:] = right, count\n{END}")),
          (("def evaluate", "KEPT = [0, 0]\n\n\ndef evaluate"), ("    right, count = 0, 0\n", "    right, count = KEPT\n"), (END, f"    KEPT[:] = right, count\n{END}")), "never_reset"),
    Entry("evaluate_trains", Q, "weights that evaluating leaves", (("    with torch.no_grad():\n", "    optimizer = torch.optim.SGD(model.parameters(), 1e-4)\n    with torch.enable_grad():\n"), (T_FOR, f"{T_FOR}            F.cross_entropy(model(images), labels).backward()\n            optimizer.step()\n")),
          ((K_FOR, f"{K_FOR}        model.trainable_weights[0].assign_add(1e-5 * keras.ops.ones_like(model.trainable_weights[0]))\n"),), "evaluate_trains"),
    Entry("evaluate_leaves_gradients", Q, "`.grad`", (("    with torch.no_grad():\n", "    with torch.enable_grad():\n"), (T_FOR, f"{T_FOR}            F.cross_entropy(model(images), labels).backward()\n")), mistake="gradients_left"),
    Entry("evaluate_freezes", Q, "requires_grad", (("    with torch.no_grad():\n", "    model.requires_grad_(False)\n    with torch.no_grad():\n"),), mistake="requires_grad_changed"),
    Entry("evaluate_asks_for_length", Q, "has no len()", **_end("    return right / count * len(batches) / len(batches)\n")),
    Entry("evaluate_returns_nothing", Q, "NoneType", **_end("    print(right / count)\n"), mistake="no_share"),
    Entry("evaluate_top_two", Q, "among the 2 greatest", **_right("(model(images).topk(2).indices == labels[:, None]).any(1).sum().item()", "int(np.sum(np.argsort(logits, axis=-1)[:, -2:] == labels[:, None]))"), mistake="among_the_best_2"),
    Entry("evaluate_top_five", Q, "among the 5 greatest", **_right("(model(images).sort().indices[:, -5:] == labels[:, None]).any(1).sum().item()", "int(np.sum(np.argsort(logits, axis=-1)[:, -5:] == labels[:, None]))"), mistake="among_the_best_5"),
    Entry("evaluate_mean_of_classes", Q, "a rare class counts", (("    right, count = 0, 0\n", T_HITS), (f"            right += {T_RIGHT}\n            count += len(labels)\n", f"            {_HIT.format('model(images)')}"), (END, MEAN)), (("    right, count = 0, 0\n", T_HITS), (K_GUESS, f"        {_HIT.format('logits').replace('    ' * 4, '    ' * 3)}"), (END, MEAN)), "mean_of_class_shares"),
    Entry("evaluate_rounds_the_weights", Q, "no other type in between", (("    model.eval()\n", "    model.eval().bfloat16().float()\n"),),
          (("    right, count = 0, 0\n", "    model.set_weights([weight.astype('float16').astype('float32') for weight in model.get_weights()])\n    right, count = 0, 0\n"),), "evaluate_trains"),
)  # fmt: skip
