"""A net and its optimizer in Keras: a training step, a measurement, and both as arrays."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from grader import given
from reference.checkpoints import Arrays, part
from reference.data import Preparation
from reference.on_keras import device, resnet
from reference.problem import Problem
from reference.recipes import Recipe
from reference.settings import Settings

KINDS: dict[str, Callable[..., keras.Model]] = {
    "resnet": resnet.resnet,
    "cifar_resnet": resnet.cifar_resnet,
    "cifar_padded": lambda depth, num_classes, **options: resnet.cifar_resnet(
        depth, num_classes, block=resnet.padded_block, **options
    ),
    "cifar_plain": resnet.cifar_plain,
    "small_plain": lambda depth, num_classes, **options: small("plain", depth, num_classes),
    "small_residual": lambda depth, num_classes, **options: small("residual", depth, num_classes),
}


def small(kind: str, depth: int, num_classes: int) -> keras.Model:
    """A net of the degradation experiment, as students are given it."""
    if num_classes != 10:
        raise ValueError(f"the small nets have 10 classes, the data {num_classes}")
    return given.small_nets("keras")(kind, depth)


def build(name: str, num_classes: int, shape: Sequence[int], seed: int) -> keras.Model:
    """The net called KIND and depth, such as `cifar_resnet20`, with weights drawn from the seed; raises Problem."""
    policy = keras.config.dtype_policy()
    keras.utils.clear_session()  # so that layers which nobody named are called alike in every process ...
    keras.config.set_dtype_policy(policy)  # ... but this forgets too whether to compute in 16 bits
    keras.utils.set_random_seed(seed)
    kind, depth = re.fullmatch(r"(\D*)(\d*)", name).groups()  # always matches
    try:
        return KINDS[kind](int(depth), num_classes, input_shape=tuple(shape))
    except (KeyError, ValueError) as error:
        raise Problem(f"no net called {name!r}: expected one of {', '.join(KINDS)} and its depth ({error})") from error


def load_weights(model: keras.Model, weights: Arrays) -> None:
    """Give a net these tensors by name; raises Problem where they aren't its own."""
    wanted = {variable.path: variable for variable in model.weights}
    unlike = sorted(set(wanted) ^ set(weights))
    unlike = unlike or [path for path, variable in wanted.items() if tuple(variable.shape) != weights[path].shape]
    if unlike:
        raise Problem(f"the checkpoint's weights don't fit this net: they differ in {', '.join(unlike[:3])}")
    for path, variable in wanted.items():
        variable.assign(weights[path])


class SGD(keras.optimizers.SGD):
    """SGD whose weight decay is added to the gradient, as in the paper and in PyTorch.

    Keras's own `weight_decay` shrinks the weights aside, where momentum doesn't amplify it: at a momentum of 0.9 the
    same number decays ten times less. `factors` are parts of the learning rate by a variable's path.
    """

    def __init__(self, recipe: Recipe, factors: dict[str, float] | None = None) -> None:
        super().__init__(recipe.learning_rate, momentum=recipe.momentum)
        self.decay = recipe.weight_decay
        self.factors = factors or {}

    def apply(self, grads: Sequence[tf.Tensor], trainable_variables: Sequence[keras.Variable]) -> None:
        """One step; a velocity is linear in the gradients, so a part of these is that part of the rate."""
        grads = [
            self.factors.get(variable.path, 1.0) * (gradient + self.decay * variable)
            for gradient, variable in zip(grads, trainable_variables, strict=True)
        ]
        super().apply(grads, trainable_variables)


class Trainer:
    """See `reference.training.Trainer`; `factors` are parts of the rate by a variable's path, 1 by default."""

    def __init__(
        self,
        model: keras.Model,
        recipe: Recipe,
        preparation: Preparation,
        chosen: device.Chosen | None = None,
        *,
        factors: dict[str, float] | None = None,
    ) -> None:
        chosen = chosen or device.choose(Settings())
        self.words, self.device, self.model = chosen.words, chosen.device, model
        self.preparation = preparation
        self.optimizer = SGD(recipe, factors)
        if chosen.policy == "mixed_float16":
            # float16 has gradients below its smallest number: the loss is scaled up, and the step scaled down
            self.optimizer = keras.optimizers.LossScaleOptimizer(self.optimizer)
        self.optimizer.build(model.trainable_variables)
        self.parameters = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
        # one graph for batches of any size; XLA compiles one for each size
        images = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)
        labels = tf.TensorSpec((None,), tf.int64)
        signature = [images, labels, tf.TensorSpec((), tf.float32)]
        self._step = tf.function(self.training_step, input_signature=signature, jit_compile=chosen.compile)
        self._logits = tf.function(self.evaluated, input_signature=[images], jit_compile=chosen.compile)

    def prepared(self, images: tf.Tensor) -> tf.Tensor:
        """uint8 (n, h, w, 3) -> float32 on the device; bytes travel, since they are four times fewer."""
        x = (tf.cast(images, tf.float32) / 255 - self.preparation.mean) / self.preparation.deviation
        return tf.reverse(x, [-1]) if self.preparation.bgr else x

    def training_step(self, images: tf.Tensor, labels: tf.Tensor, rate: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Forward, backward, update: traced once into a graph."""
        self.optimizer.learning_rate.assign(rate)
        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            logits = tf.cast(self.model(self.prepared(images), training=True), tf.float32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
            scaled = self.optimizer.scale_loss(loss)
        self.optimizer.apply(tape.gradient(scaled, variables), variables)
        return loss, right(logits, labels)

    def evaluated(self, images: tf.Tensor) -> tf.Tensor:
        """Logits in evaluation mode."""
        return tf.cast(self.model(self.prepared(images), training=False), tf.float32)

    def step(self, images: np.ndarray, labels: np.ndarray, rate: float) -> tuple[tf.Tensor, tf.Tensor]:
        """One step in training mode: the batch's mean loss before it, and how many were right."""
        with tf.device(self.device):
            return self._step(tf.constant(images), tf.constant(labels), tf.constant(rate, tf.float32))

    def measure(self, images: np.ndarray, labels: np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
        """In evaluation mode: the sum of the losses, and how many were right."""
        with tf.device(self.device):
            logits = self._logits(tf.constant(images))
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.constant(labels), logits)
            return tf.reduce_sum(losses), right(logits, labels)

    def scores(self, images: np.ndarray) -> np.ndarray:
        """Logits (n, k) in evaluation mode."""
        with tf.device(self.device):
            return self._logits(tf.constant(images)).numpy()

    def numbers(self, values: list[tf.Tensor]) -> np.ndarray:
        """The values, float64, fetched at once."""
        return tf.stack(values).numpy().astype(np.float64)

    def weights(self) -> Arrays:
        """The model's tensors under `model/`, running statistics included."""
        return {f"model/{variable.path}": variable.numpy() for variable in self.model.weights}

    def state(self) -> Arrays:
        """The optimizer's variables by their number: the momentum of each weight, and the count of steps."""
        return {f"optimizer/{index}": variable.numpy() for index, variable in enumerate(self.optimizer.variables)}

    def restore(self, arrays: Arrays) -> None:
        """Take weights, and the state where there is one, from a checkpoint."""
        load_weights(self.model, part(arrays, "model"))
        for index, array in part(arrays, "optimizer").items():
            self.optimizer.variables[int(index)].assign(array)


def right(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """How many of the greatest logits are the label's."""
    return tf.reduce_sum(tf.cast(tf.argmax(logits, axis=1) == labels, tf.int32))
