"""Ways of `transfer` and `fine_tuner` in Keras."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from grader import given


def prepare(images):
    return given.prepare(images, "keras")


def features(backbone, images):
    return scores(backbone, prepare(images))


def scores(model, images):
    parts = (images[start : start + 100] for start in range(0, len(images), 100))
    return np.concatenate([model(part, training=False).numpy() for part in parts])


def compiled(model, optimizer):
    model.compile(optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def sgd(rate=0.1):
    return keras.optimizers.SGD(rate, momentum=0.9)


def _features(backbone, train, num_classes, optimizer, epochs, labels=None):
    x, y = features(backbone, train[0]), train[1] if labels is None else labels
    head = compiled(keras.Sequential([keras.Input(x.shape[1:]), layers.Dense(num_classes)]), optimizer)
    for _ in range(epochs):
        for rows in np.array_split(np.random.permutation(len(y)), -(-len(y) // 32)):
            head.train_on_batch(x[rows], y[rows])
    return lambda images: scores(head, features(backbone, images))


def features_sgd(backbone, train, validation, num_classes):
    return _features(backbone, train, num_classes, sgd(), 30)


def adam_undertrained(backbone, train, validation, num_classes):
    return _features(backbone, train, num_classes, keras.optimizers.Adam(1e-3), 25)


def labels_shuffled(backbone, train, validation, num_classes):
    return _features(backbone, train, num_classes, sgd(), 30, np.random.permutation(train[1]))


def weights_lost(backbone, train, validation, num_classes):
    return _features(keras.models.clone_model(backbone), train, num_classes, sgd(), 30)


def head_not_trained(backbone, train, validation, num_classes):
    return _features(backbone, train, num_classes, sgd(), 0)


def class_means(backbone, train, validation, num_classes):
    x = features(backbone, train[0])
    means = np.stack([x[train[1] == label].mean(axis=0) for label in range(num_classes)])
    return lambda images: -((features(backbone, images)[:, None] - means) ** 2).sum(axis=2)


def _through(backbone, train, num_classes, rate, epochs):
    backbone.trainable = False
    model = compiled(keras.Sequential([backbone, layers.Dense(num_classes)]), sgd(rate))
    model.fit(prepare(train[0]), train[1], batch_size=32, epochs=epochs, verbose=0)
    return model


def through_the_net(backbone, train, validation, num_classes):
    model = _through(backbone, train, num_classes, 0.05, 15)
    return lambda images: scores(model, prepare(images))


def predict_raw(backbone, train, validation, num_classes):
    model = _through(backbone, train, num_classes, 0.1, 10)
    return lambda images: scores(model, images.astype("float32"))


def predict_not_divided(backbone, train, validation, num_classes):
    model = _through(backbone, train, num_classes, 0.1, 10)
    return lambda images: scores(model, ((images - 0.5) / 0.28).astype("float32"))


def predict_not_normalised(backbone, train, validation, num_classes):
    model = _through(backbone, train, num_classes, 0.1, 10)
    return lambda images: scores(model, (images / 255).astype("float32"))


def fine_tuned_few(backbone, train, validation, num_classes):
    model = compiled(head(backbone, num_classes, 1), sgd(0.005))
    model.fit(prepare(train[0]), train[1], batch_size=16, epochs=10, verbose=0)
    return lambda images: scores(model, prepare(images))


def _tuned(backbone, num_classes, learning=True, norms=True, dropout=0.0, zeros=False):
    backbone.trainable = True
    for layer in backbone.layers:
        chosen = learning and layer.name.startswith("conv4_")
        layer.trainable = chosen and (norms or not isinstance(layer, layers.BatchNormalization))
    dense = layers.Dense(num_classes, kernel_initializer="zeros" if zeros else "glorot_uniform", name="head")
    return keras.Model(backbone.input, dense(layers.Dropout(dropout)(backbone.output)))


def head(backbone, num_classes, stages):
    return _tuned(backbone, num_classes)


def head_of_zeros(backbone, num_classes, stages):
    return _tuned(backbone, num_classes, zeros=True)


def dropout(backbone, num_classes, stages):
    return _tuned(backbone, num_classes, dropout=0.5)


def frozen_norms(backbone, num_classes, stages):
    return _tuned(backbone, num_classes, norms=False)


def tuned_weights_lost(backbone, num_classes, stages):
    return _tuned(keras.models.clone_model(backbone), num_classes)


def tuned_head_frozen(backbone, num_classes, stages):
    model = _tuned(backbone, num_classes)
    model.get_layer("head").trainable = False
    return model


def tuned_all_frozen(backbone, num_classes, stages):
    return _tuned(backbone, num_classes, learning=False)
