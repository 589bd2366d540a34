"""Training a student's fine-tuned Keras model, made from the given backbone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader import given
from grader.probes.a5_transfer.on_keras.models import Momentum, evaluated, inventory, made, now, step, steps
from grader.probes.examining.on_keras.weights import weights_of


def tuning(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The scores of unseen images after SGD with momentum: the head at one rate, the rest that learns at a tenth."""
    images, labels = np.asarray(request["images"], np.float32), np.asarray(request["labels"], np.int64)
    backbone = given.backbone("keras")
    pretrained = now(weights_of(backbone))
    model = made(lambda: function(backbone, int(request["num_classes"]), 1), images)
    held, weights = inventory(model, pretrained), weights_of(model)
    rest = {id(weights[place]) for place, twin in held.learners([True] * len(weights)) if twin}
    rate = float(request["rate"])
    optimizer = Momentum(lambda variable: rate / 10 if id(variable) in rest else rate)
    _train(model, optimizer, images, labels, np.asarray(request["batches"], np.int64))
    return {"scores": evaluated(model, np.asarray(request["test_images"], np.float32))}


def _train(model: keras.Model, optimizer: Momentum, images: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> None:
    """The steps as a graph, which takes a third of the time; one by one where the model can't be traced."""
    eagerly = tf.config.functions_run_eagerly()
    optimizer.prepare(model.trainable_variables)
    traced = tf.function(lambda these, those: step(model, optimizer, these, those))
    try:
        tf.config.run_functions_eagerly(False)
        for row in rows:
            if not traced(tf.constant(images[row]), tf.constant(labels[row])):
                return
    except Exception:  # a layer that computes with NumPy, say: then it is the student's error or none
        tf.config.run_functions_eagerly(True)
        steps(model, optimizer, ((images[row], labels[row]) for row in rows))
    finally:
        tf.config.run_functions_eagerly(eagerly)
