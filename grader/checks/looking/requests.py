"""What is asked of the functions: images, and small nets on which every known mistake shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.checks.looking import misranking, nets
from grader.checks.looking.forward import outputs
from grader.spec import FRAMEWORKS, Request

Case = dict[str, Any]
Drawn = list[tuple[Case, np.ndarray]]
DRAWS = 60


def _request(function: str, generator: np.random.Generator, drawn: Drawn) -> Request:
    request: Request = {
        "function": function,
        "seed": int(generator.integers(2**31)),
        "cases": [case for case, _ in drawn],
    }
    return request | {f"images_{number}": images for number, (_, images) in enumerate(drawn)}


def _colours(generator: np.random.Generator, count: int) -> np.ndarray:
    """Colours `n 3` whose channels differ by 40 or more, so that no exchange of channels goes unseen."""
    levels = np.array([generator.permutation(3) for _ in range(count)]) * 90
    return (levels + generator.integers(0, 50, (count, 3))).astype(np.uint8)


def _one_colour(generator: np.random.Generator, count: int, height: int, width: int) -> np.ndarray:
    return np.broadcast_to(_colours(generator, count)[:, None, None], (count, height, width, 3)).copy()


def _quarters(generator: np.random.Generator, count: int, height: int, width: int) -> np.ndarray:
    """Images of four colours, one in each quarter."""
    colours = _colours(generator, 4 * count).reshape(count, 2, 2, 3)
    rows, columns = np.arange(height) * 2 // height, np.arange(width) * 2 // width
    return colours[:, rows][:, :, columns]


def _frame(generator: np.random.Generator, count: int, side: int) -> np.ndarray:
    """Images of one colour with four others in their middle third."""
    images = _one_colour(generator, count, side, side)
    third = side // 3
    images[:, third : 2 * third, third : 2 * third] = _quarters(generator, count, third, third)
    return images


def preprocess(generator: np.random.Generator) -> Request:
    """One-colour, noisy and four-quarter images: of the right size, larger, smaller, and right in one side alone."""
    side = int(generator.integers(20, 26)) * 2
    noise = generator.integers(0, 256, (3, side, side, 3)).astype(np.uint8)
    large = generator.integers(0, 256, (1, 224, 224, 3)).astype(np.uint8)
    drawn: list[tuple[str, int | None, np.ndarray]] = [
        ("colours", side, _one_colour(generator, 5, side, side)),
        ("colours", None, _one_colour(generator, 1, 60, 44)),
        ("noise", side, noise),
        ("noise", None, large),
        ("quarters", side, _quarters(generator, 2, 2 * side + 10, 2 * side - 16)),
        ("quarters", side + 10, _quarters(generator, 3, 30, 42)),
        ("quarters", side, _quarters(generator, 2, side, side + 26)),
        ("quarters", side, _quarters(generator, 1, side + 24, side)),
        ("frame", 32, _frame(generator, 2, 96)),
        ("colours", side, _one_colour(generator, 5, side, side)),  # as many as in the first case, and others
    ]
    cases: Drawn = []
    for number, (kind, size, images) in enumerate(drawn):
        count, height, width, _ = images.shape
        words = f"{count} image{'s' * (count > 1)} of {height} x {width} and {f'size={size}' if size else 'no `size`'}"
        case: Case = {"kind": kind, "words": words, "by_position": number % 2 == 0}
        cases.append((case | ({"size": size} if size else {}), images))
    return _request("preprocess", generator, cases)


def _images(generator: np.random.Generator, count: int, height: int, width: int) -> np.ndarray:
    """Prepared images of different contrast and offset, as float32."""
    shape = (count, 1, 1, 3)
    noise = generator.standard_normal((count, height, width, 3)) * generator.uniform(0.5, 3.0, shape)
    return (noise + generator.uniform(-2.0, 2.0, shape)).astype(np.float32)


_WORDS = (
    "zebra", "ant", "mug", "kite", "fern", "yak", "bell", "owl", "quilt", "cedar", "plum", "violin", "egg", "harp",
    "drum",
)  # fmt: skip


def _flattened(net: list[nets.Node], images: np.ndarray, seed: int) -> None:
    """Scale the last layer so that logits differ by about one: peaked probabilities hide a softmax over the k best."""
    found = outputs(net, images, seed, "torch")[net[-1]["name"]]
    net[-1]["tensors"]["kernel"][2] = float(1 / found.std(axis=-1).mean())


def _telling(net: list[nets.Node], images: np.ndarray, seed: int, k: int) -> bool:
    """Whether each known mistake shows in what a right program says, in both frameworks."""
    for framework in FRAMEWORKS:
        found = [outputs(net, images, seed, framework, training=mode)[net[-1]["name"]] for mode in (False, True)]
        if not misranking.telling(found[0], found[1], k):
            return False
    return True


def _ranked(
    generator: np.random.Generator, seed: int, classes: int, k: int, count: int, frozen: int
) -> tuple[list[nets.Node], np.ndarray]:
    """A net and images on which mistakes show: of random ones, about every third or fourth is such."""
    for _ in range(DRAWS):
        net, images = nets.net(generator, classes, frozen=frozen), _images(generator, count, 13, 10)
        _flattened(net, images, seed)
        if _telling(net, images, seed, k):
            break
    return net, images


def classify(generator: np.random.Generator) -> Request:
    """Several images, one image, all classes; models in both modes, whole and partly frozen."""
    cases: Drawn = []
    seed = int(generator.integers(2**31))
    for number, (count, k, training) in enumerate(((11, 5, False), (1, 3, True), (3, 0, True))):
        classes = int(generator.integers(8, 13))
        names = [str(word) for word in generator.permutation(_WORDS)[:classes]]
        if names == sorted(names):
            names.reverse()
        asked = k or classes
        net, images = _ranked(generator, seed, classes, asked, count, 4 * (number % 2))
        case: Case = {
            "net": net, "names": names, "training": training,
            "gradients": number == 1, "without_gradients": number == 2, "by_position": number == 1,
        }  # fmt: skip
        words = f"{count} image{'s' * (count > 1)} and no `k`"
        if number:  # the first leaves `k` out
            case["k"] = asked
            words = f"{count} image{'s' * (count > 1)} and k={case['k']} of {classes} classes"
        cases.append((case | {"words": words}, images))
    return _request("classify", generator, cases) | {"seed": seed}


def _places(net: list[nets.Node]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The layers that are asked for in each framework, and the nodes whose outputs they give."""
    names = {node["name"].partition(".")[2] or node["name"]: node["name"] for node in net}
    block = names["conv1"].partition(".")[0]
    common = [names["norm"], names["conv1"], names["norm2"], names["relu1"], names["slope"]]
    common += [node["name"] for node in net if node["name"].endswith(".conv")]  # two names that end alike
    common += [names["conv2"]]
    torch = [*common, block, "act1"]  # the block as a whole, which an in-place ReLU follows
    keras = [nets.framework_name(name, "keras") for name in (*common, names["add"], "act1")]
    nodes = [*common, names["add"], "act1"]
    return {"torch": torch, "keras": keras}, {"torch": nodes, "keras": nodes}


def feature_maps(generator: np.random.Generator) -> Request:
    """Layers before in-place ones, inside and around a block; one image, and a map of one channel; unknown layers.

    The nets have other widths and the same names: what is kept by a layer's name is another net's.
    """
    cases: Drawn = []
    names, widths = nets.names(generator), [int(width) for width in generator.permutation([6, 8, 10])]
    for number, (count, training) in enumerate(((3, False), (1, True), (13, True))):
        tail = 1 if number == 1 else 0
        net = nets.net(generator, 6, frozen=3 * (number == 2), tail=tail, width=widths[number], called=names)
        layers, nodes = _places(net)
        if number == 1:
            layers = {framework: [*names[:1], names[4]] for framework, names in layers.items()}
            nodes = {framework: [*names[:1], names[4]] for framework, names in nodes.items()}
        case: Case = {
            "net": net, "layers": layers, "nodes": nodes, "training": training, "gradients": number == 1,
            "without_gradients": number == 2, "words": f"{count} image{'s' * (count > 1)}",
        }  # fmt: skip
        if number != 1:
            missing = {framework: f"layer_{int(generator.integers(50, 100))}" for framework in FRAMEWORKS}
            parts = {framework: names[4][:-1] for framework, names in layers.items()}  # of a name that there is
            case["unknown"] = parts if number else missing
        cases.append((case, _images(generator, count, 11, 14)))
    return _request("feature_maps", generator, cases)


def layer_table(generator: np.random.Generator) -> Request:
    """Two sizes that are not square, models in both modes, some layers frozen; in Keras one model for any size."""
    cases: Drawn = []
    for number, (height, width) in enumerate(((14, 11), (9, 16))):
        case: Case = {
            "net": nets.net(generator, 7, frozen=5 * number), "training": number == 1, "any_size": number == 1,
            "gradients": number == 1, "words": f"a net for images of {height} x {width}",
        }  # fmt: skip
        cases.append((case, _images(generator, 1, height, width)))
    return _request("layer_table", generator, cases)
