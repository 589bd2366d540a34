"""Loops by hand over train_on_batch and test_on_batch, an initializer function, callbacks driven one by one."""
import math

import keras
import numpy as np

import grader


def he_initializer(seed):
    def draw(shape, dtype=None, **options):
        height, width, _, filters = shape
        numbers = np.random.default_rng([seed, *shape]).standard_normal(shape)
        return keras.ops.convert_to_tensor(numbers * math.sqrt(2 / (height * width * filters)), dtype=dtype or "float32")

    return draw


class Decayed(keras.optimizers.SGD):
    """SGD that adds the decay to the gradient."""

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient + 1e-5 * keras.ops.convert_to_tensor(variable), variable, learning_rate)


def make_optimizer(model):
    return Decayed(0.1, 0.9)


class Tenth(keras.callbacks.Callback):
    def __init__(self, patience):
        super().__init__()
        self.patience = patience

    def on_train_begin(self, logs=None):
        self.values = []

    def on_epoch_end(self, epoch, logs=None):
        self.values.append(logs["val_loss"])
        since = len(self.values) - 1 - int(np.argmin(self.values))
        if since and since % self.patience == 0:
            self.model.optimizer.learning_rate = 0.1 * float(self.model.optimizer.learning_rate)


def make_callbacks(patience=5):
    return [Tenth(patience)]


def crossentropy(y_true, y_pred):
    return keras.ops.mean(keras.losses.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True))


def fit(model, train, validation, epochs, batch_size=256):
    images, labels = train
    model.compile(optimizer=make_optimizer(model), loss=crossentropy, metrics=["accuracy"])
    callbacks = make_callbacks()
    for callback in callbacks:
        callback.set_model(model)
        callback.on_train_begin()
    history, states = {"loss": [], "val_loss": [], "val_accuracy": [], "lr": []}, []
    for epoch in range(epochs):
        history["lr"].append(float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))
        order, total = np.random.permutation(len(images)), 0.0
        for rows in np.array_split(order, range(batch_size, len(order), batch_size)):
            total += len(rows) * model.train_on_batch(images[rows], labels[rows], return_dict=True)["loss"]
        model.reset_metrics()
        logits = np.concatenate([model.predict_on_batch(part) for part in np.array_split(validation[0], 3)])
        history["loss"].append(total / len(images))
        history["val_loss"].append(float(crossentropy(validation[1], logits)))
        history["val_accuracy"].append(float(np.mean(logits.argmax(axis=1) == validation[1])))
        states.append(model.get_weights())
        for callback in callbacks:
            callback.on_epoch_end(epoch, {key: values[-1] for key, values in history.items()})
    model.set_weights(states[int(np.argmax(history["val_accuracy"]))])
    return history


def degradation(build, images, labels, depths=(20, 56), steps=120):
    rows = np.random.randint(len(images), size=(steps, 64))

    class Notes(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.sums = [0.0]

        def on_train_batch_end(self, batch, logs=None):
            self.sums.append(logs["loss"] * (batch + 1))

    def loss_of(kind, depth):
        net, notes = build(kind, depth), Notes()
        net.compile(keras.optimizers.SGD(0.02, 0.9), crossentropy)
        net.fit(images[rows.ravel()], labels[rows.ravel()], 64, shuffle=False, verbose=0, callbacks=[notes])
        return float(np.mean(np.diff(notes.sums)[-20:]))

    return {(kind, depth): loss_of(kind, depth) for kind in ("plain", "residual") for depth in depths}


if not grader.grading:
    raise SystemExit("nothing to see")
