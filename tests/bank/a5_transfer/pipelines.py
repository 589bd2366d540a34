"""Mutants of `transfer`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_PREDICT = "return model.head(pooled(model, images)).numpy()"
T_LOSS = "loss = F.cross_entropy(model.head(features[batch]), labels[batch])"
T_DATA = "    held_out, right ="
K_PREDICT = "return head(pooled(backbone, images)).numpy()"
K_STEP = "head.train_on_batch(features[batch], labels[batch])"
K_DATA = T_DATA
T_RAW = "torch.tensor(images).permute(0, 3, 1, 2).float()"


def _mutant(name: str, says: str, torch: Edits = (), keras: Edits = (), mistake: str = "") -> Entry:
    return Entry(f"transfer_{name}", "transfer", says, torch, keras, mistake)


def _predicts(name: str, says: str, torch: str, keras: str, mistake: str = "") -> Entry:
    return _mutant(name, says, ((T_PREDICT, torch),), ((K_PREDICT, keras),), mistake)


def _first(torch: str, keras: str) -> tuple[Edits, Edits]:
    """A statement at the beginning, behind the training features."""
    return ((T_DATA, f"    {torch}\n{T_DATA}"),), ((K_DATA, f"    {keras}\n{K_DATA}"),)


def _seen(torch: str, keras: str) -> tuple[str, str]:
    """`predict` on images that are prepared in another way."""
    return f"return model.head(model.body({torch})).numpy()", f"return head(backbone({keras}, training=False)).numpy()"


MUTANTS = (
    _predicts("one_score_for_two", "two classes are two scores too", *(f"scores = {line[7:]}\n{' ' * indent}return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores" for line, indent in ((T_PREDICT, 12), (K_PREDICT, 8))), "one_score_for_two"),
    _mutant("of_the_first_call", "keep nothing of an earlier one", (("    return predict\n", "    return globals().setdefault('first', predict)\n"),), (("    return predict\n", "    return globals().setdefault('first', predict)\n"),)),
    _predicts("squeezed", "keep the batch axis", f"{T_PREDICT}.squeeze()", f"{K_PREDICT}.squeeze()", "batch_axis_lost"),
    _predicts("softmax", "a softmax", T_PREDICT.replace(".numpy()", ".softmax(dim=1).numpy()"), "return keras.ops.softmax(head(pooled(backbone, images))).numpy()", "softmax_in_predict"),
    _predicts("sigmoid", "a sigmoid", T_PREDICT.replace(".numpy()", ".sigmoid().numpy()"), "return keras.ops.sigmoid(head(pooled(backbone, images))).numpy()", "sigmoid_in_predict"),
    _predicts("classes", "the scores of all classes", T_PREDICT.replace(".numpy()", ".argmax(dim=1).numpy()"), f"{K_PREDICT}.argmax(axis=1)"),
    _predicts("no_array", "expected a NumPy array", T_PREDICT.replace(".numpy()", ""), K_PREDICT.replace(".numpy()", "")),
    _predicts("not_finite", "NaN or infinity", f"{T_PREDICT} * np.nan", f"{K_PREDICT} * np.nan"),
    _predicts("raw", "once they are prepared", *_seen(T_RAW, 'images.astype("float32")'), mistake="predict_not_prepared"),
    _predicts("not_divided", "once they are divided by 255", *_seen(f"({T_RAW} - 0.502) / 0.28", "((images - 0.502) / 0.28).astype('float32')"), mistake="predict_not_divided"),
    _predicts("not_normalised", "once they are normalised", *_seen(f"{T_RAW} / 255", "(images / 255).astype('float32')"), mistake="predict_not_normalised"),
    _predicts("divides_twice", "multiplied by 255", *_seen(f"({T_RAW} / 65025 - 0.502) / 0.28", "((images / 65025 - 0.502) / 0.28).astype('float32')"), mistake="predict_divides"),
    _predicts("training_mode", "change with the other images", "model.body.train()\n            return model.head(model.body(given.prepare(images, 'torch'))).numpy()",
              "return head(backbone(given.prepare(images, 'keras'), training=True)).numpy()", "predicts_in_training_mode"),
    _mutant("scores_remembered", "remember nothing between two calls", ((T_PREDICT, f"if images.shape not in KEPT:\n                KEPT[images.shape] = {T_PREDICT[7:]}\n            return KEPT[images.shape]"), ("def transfer", "KEPT = {}\n\n\ndef transfer")),
            ((K_PREDICT, f"if images.shape not in KEPT:\n            KEPT[images.shape] = {K_PREDICT[7:]}\n        return KEPT[images.shape]"), ("def transfer", "KEPT = {}\n\n\ndef transfer")), "scores_remembered"),
    _predicts("changes_its_images", "it changes them in place", f"scores = {T_PREDICT[7:]}\n            images[:] = 0\n            return scores", f"scores = {K_PREDICT[7:]}\n        images[:] = 0\n        return scores", "arguments_changed"),
    _predicts("one_class", "the same answer", f"{T_PREDICT} * 0 + 3 * np.eye(num_classes)[0]", f"{K_PREDICT} * 0 + 3 * np.eye(num_classes)[0]"),
    _mutant("too_many_passes", "at most 20,000", *_first("model.body(torch.zeros(21_000, 3, 2, 2))", "[backbone(np.zeros((3_500, 32, 32, 3), 'float32')) for _ in range(6)]"), "too_many_passes"),
    _mutant("changes_labels", "the training labels in place", *_first("train[1].sort()", "train[1].sort()"), "arguments_changed"),
    _mutant("changes_images", "the validation images in place", *_first("validation[0][:] //= 2", "validation[0][:] //= 2"), "arguments_changed"),
    _mutant("trains_on_validation", "only the validation images tell",
            ((T_LOSS, f"{T_LOSS} + F.cross_entropy(model.head(held_out), right)"),),
            ((K_STEP, f"{K_STEP}\n            head.train_on_batch(held_out, right)"),), "trained_on_validation"),
    _mutant("retrains_on_everything", "only the validation images tell",
            (("    optimizer = ", "    features, labels = torch.cat([features, held_out]), torch.cat([labels, right])\n    optimizer = "),),
            (("    head = ", "    features, labels = np.concatenate([features, held_out]), np.concatenate([labels, right])\n    head = "),), "trained_on_validation"),
    _mutant("retrains_on_everything_for_few_epochs", "only the validation images tell",
            (("    optimizer = ", "    features, labels = torch.cat([features, held_out]), torch.cat([labels, right])\n    optimizer = "), ("range(40)", "range(9)")),
            (("    head = ", "    features, labels = np.concatenate([features, held_out]), np.concatenate([labels, right])\n    head = "), ("range(40)", "range(9)")), "trained_on_validation"),
    _mutant("labels_shuffled", "stay in step", ((T_LOSS, T_LOSS.replace("labels[batch]", "labels[batch][torch.randperm(len(batch))]")),), ((K_STEP, K_STEP.replace("labels[batch]", "labels[batch][::-1]")),), "nothing_learned"),
    _mutant("head_not_trained", "as it was when training began", (("SGD(model.head.parameters()", "SGD(nn.Linear(64, num_classes).parameters()"),), ((K_STEP, "head(features[batch])"),), "head_not_trained"),
    _mutant("labels_constant", "unseen images right", ((T_LOSS, T_LOSS.replace("labels[batch])", "labels[batch] * 0)")),), ((K_STEP, K_STEP.replace("labels[batch])", "labels[batch] * 0)")),)),
    _mutant("nothing_returned", "got NoneType", (("    return predict\n", "    predict\n"),), (("    return predict\n", "    predict\n"),)),
    _mutant("model_returned", "while predicting", (("    return predict\n", "    return model.head\n"),), (("    return predict\n", "    return head\n"),)),
    _mutant("ten_classes_hard_coded", "the scores of all classes", (("feature_extractor(backbone, num_classes)", "feature_extractor(backbone, 16)"),), (("layers.Dense(num_classes)", "layers.Dense(16)"),)),
    _predicts("smallest_wins", "the smallest score wins", T_PREDICT.replace("return ", "return -"), K_PREDICT.replace("return ", "return -"), "smallest_wins"),
    _predicts("columns_turned", "columns stand in another order", f"{T_PREDICT}[:, ::-1].copy()", f"{K_PREDICT}[:, ::-1].copy()", "columns_in_another_order"),
    _predicts("shuffled", "the right rows in another order", f"{T_PREDICT}[torch.randperm(len(images))]", f"{K_PREDICT}[np.random.permutation(len(images))]", "rows_in_another_order"),
    _predicts("scaled_by_the_brightest", "beside brighter ones", "images = (images * (255 / images.max())).astype(np.uint8)\n            " + T_PREDICT, "images = (images * (255 / images.max())).astype(np.uint8)\n        " + K_PREDICT, "scaled_by_its_own_numbers"),
    _predicts("scaled_by_what_it_gets", "never from those that `predict` gets", "return (lambda s: s - s.mean(0))(model.head(pooled(model, images)).numpy())", "return (lambda s: s - s.mean(0))(head(pooled(backbone, images)).numpy())", "predicts_in_training_mode"),
    _predicts("noisy", "belong to training alone", "return model.head(F.dropout(pooled(model, images), 0.3)).numpy()", "return head(keras.random.dropout(pooled(backbone, images), 0.3)).numpy()", "random_in_predict"),
)  # fmt: skip
