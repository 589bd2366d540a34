"""Right and wrong nets in Keras."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import layers


def trio(channels: int, stride: int = 1) -> list[layers.Layer]:
    convolution = layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)
    return [convolution, layers.BatchNormalization(), layers.ReLU()]


def model(*parts: layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((32, 32, 3)), *parts])


def three_trios(classes: int) -> keras.Model:
    return model(*trio(16), *trio(32, 2), *trio(64, 2), layers.GlobalAveragePooling2D(), layers.Dense(classes))


def pooled_trios(classes: int) -> keras.Model:
    parts = [part for width in (16, 32, 48) for part in (*trio(width), layers.MaxPooling2D())]
    return model(*parts, layers.Flatten(), layers.Dropout(0.1), layers.Dense(classes))


def without_norm(classes: int) -> keras.Model:
    parts = [
        part
        for width in (24, 48, 64)
        for part in (layers.Conv2D(width, 3, padding="same", activation="relu"), layers.MaxPooling2D())
    ]
    return model(*parts, layers.GlobalAveragePooling2D(), layers.Dense(classes))


def lenet(classes: int) -> keras.Model:
    parts = [part for width in (16, 32) for part in (layers.Conv2D(width, 5, activation="relu"), layers.MaxPooling2D())]
    return model(*parts, layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(classes))


def two_strided(classes: int) -> keras.Model:
    first, second = (layers.Conv2D(width, 3, strides=2, padding="same", activation="relu") for width in (32, 64))
    return model(first, second, layers.GlobalAveragePooling2D(), layers.Dense(classes))


def softmax_at_the_end(classes: int) -> keras.Model:
    return model(three_trios(classes), layers.Softmax())


def relu_at_the_end(classes: int) -> keras.Model:
    return model(three_trios(classes), layers.ReLU())


class Hidden(layers.Layer):
    """A convolution whose kernel no model lists."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        kernel = tf.random.normal((3, 3, inputs, outputs), stddev=(2 / 9 / inputs) ** 0.5)
        self.parts = {"kernel": [lambda: kernel]}

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(tf.nn.conv2d(x, self.parts["kernel"][0](), 2, "SAME"))


def frozen_by_a_list(classes: int) -> keras.Model:
    return model(Hidden(3, 16), Hidden(16, 32), Hidden(32, 64), layers.GlobalAveragePooling2D(), layers.Dense(classes))


def no_activation(classes: int) -> keras.Model:
    parts = [part for width, stride in ((16, 1), (32, 2), (64, 2)) for part in trio(width, stride)[:2]]
    return model(*parts, layers.GlobalAveragePooling2D(), layers.Dense(classes))


def linear(classes: int) -> keras.Model:
    return model(layers.Flatten(), layers.Dense(classes))


def all_zeros(classes: int) -> keras.Model:
    net = without_norm(classes)
    net.set_weights([0 * weight for weight in net.get_weights()])
    return net


def one_narrow_layer(classes: int) -> keras.Model:
    return model(*trio(8), layers.GlobalAveragePooling2D(), layers.Dense(classes))
