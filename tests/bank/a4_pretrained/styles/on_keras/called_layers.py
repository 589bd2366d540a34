# looks at the layers while the model runs: every layer's `call` is wrapped for a moment
import contextlib
import numpy as np
import keras
from keras import ops
from PIL import Image, ImageOps


def preprocess(images, size=224):
    def fit(a):
        return a if a.shape[:2] == (size, size) else np.asarray(ImageOps.fit(Image.fromarray(a), (size, size), method=Image.Resampling.BILINEAR))

    b = np.stack([fit(a) for a in images])[:, :, :, [2, 1, 0]]
    return ops.subtract(ops.cast(b, "float32"), np.float32([103.939, 116.779, 123.68]))


def classify(model, images, names, k=5):
    top, which = ops.top_k(ops.nn.softmax(model.predict_on_batch(images)), k)
    return [list(zip([names[int(i)] for i in ii], [p.item() for p in np.array(pp)])) for ii, pp in zip(np.array(which), top)]


@contextlib.contextmanager
def watched(model):
    seen = {}

    def wrap(layer):
        call = layer.call

        def wrapped(*a, **kw):
            seen[layer.name] = out = call(*a, **kw)
            return out

        return call, wrapped

    calls = {}
    for layer in model.layers:
        calls[layer], layer.call = wrap(layer)
    try:
        yield seen
    finally:
        for layer, call in calls.items():
            layer.call = call


def feature_maps(model, images, layer):
    names = [l.name for l in model.layers]
    if not layer in names:
        raise ValueError(f"{layer}?? try {names[1]} or {names[-1]}")
    with watched(model) as seen:
        model(images, training=False)
    return np.array(seen[layer], copy=True)


def layer_table(model, input_shape):
    with watched(model) as seen:
        model(ops.zeros([2, *input_shape]), training=False)  # two images: the batch is cut off anyway
    out = []
    for l in sorted((l for l in model.layers if l.weights), key=lambda l: list(seen).index(l.name)):
        s = seen[l.name].shape[1:]
        w = 0
        match l:
            case keras.layers.Dense(): w = l.units * l.kernel.shape[0]
            case keras.layers.DepthwiseConv2D(): w = np.prod(l.kernel_size) * np.prod(s)
            case keras.layers.Conv2D(): w = np.prod(l.kernel.shape[:3]) * np.prod(s)
        out.append((l.name, s, l.count_params(), w))
    return out
