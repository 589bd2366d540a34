"""What is asked of the functions that look into nets: images, and small nets on which every known mistake shows."""

from __future__ import annotations

import numpy as np

from grader.checks.looking import misranking, nets
from grader.checks.looking.cases import Asked, Drawn, request
from grader.checks.looking.forward import outputs
from grader.spec import FRAMEWORKS, Request

DRAWS = 300


def _images(generator: np.random.Generator, count: int, height: int, width: int) -> np.ndarray:
    """Prepared images of different contrast and offset, as float32."""
    shape = (count, 1, 1, 3)
    noise = generator.standard_normal((count, height, width, 3)) * generator.uniform(0.5, 3.0, shape)
    return (noise + generator.uniform(-2.0, 2.0, shape)).astype(np.float32)


_WORDS = (
    "zebra", "ant", "mug", "kite", "fern", "yak", "bell", "owl", "quilt", "cedar", "plum", "violin", "egg", "harp",
    "drum",
)  # fmt: skip


def _flattened(net: list[nets.Node], images: np.ndarray, seed: int, spread: float = 1.0) -> None:
    """Scale the last layer so that logits differ by about `spread`; at 0 they are all 0.

    About one is right for most: peaked probabilities hide a softmax over the k best.
    """
    found = outputs(net, images, seed, "torch")[net[-1]["name"]]
    net[-1]["tensors"]["kernel"][2] = float(spread / found.std(axis=-1).mean())
    if not spread:
        del net[-1]["tensors"]["bias"]


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
    """Several images, one image, all classes; models in both modes, whole and partly frozen; then `_extremes`."""
    cases: Drawn = []
    seed = int(generator.integers(2**31))
    for number, (count, k, training) in enumerate(((11, 5, False), (1, 3, True), (3, 0, True))):
        names = _called(generator)
        asked = k or len(names)
        if number == 2:
            names[4] = names[1]  # ImageNet has such classes too
        net, images = _ranked(generator, seed, len(names), asked, count, 4 * (number % 2))
        case: Asked = {
            "net": net, "names": names, "training": training,
            "gradients": number == 1, "without_gradients": number == 2, "by_position": number == 1,
        }  # fmt: skip
        words = f"{_counted(images)} and no `k`"
        if number:  # the first leaves `k` out
            case["k"] = asked
            words = f"{_counted(images)} and k={asked} of {len(names)} classes"
            words += ", two of one name" * (len(set(names)) < len(names))
        cases.append((case | {"words": words}, images))
    return request("classify", generator, cases + _extremes(generator, seed)) | {"seed": seed}


def _called(generator: np.random.Generator) -> list[str]:
    """Eight to twelve names of classes, in no order."""
    names = [str(word) for word in generator.permutation(_WORDS)[: int(generator.integers(8, 13))]]
    return names[::-1] if names == sorted(names) else names


def _counted(images: np.ndarray) -> str:
    return f"{len(images)} image{'s' * (len(images) > 1)}"


def _extremes(generator: np.random.Generator, seed: int) -> Drawn:
    """More images than fit into a batch, with dropout in the net; probabilities near 0 and 1; equal logits."""
    cases: Drawn = []
    kinds = ((67, 1, 2.0, ""), (2, 0, 15.0, ", of sure answers"), (2, 0, 0.0, ", of equal logits"))
    for count, k, spread, words in kinds:
        names = _called(generator)
        net, images = nets.net(generator, len(names), dropout=True), _images(generator, count, 13, 10)
        _flattened(net, images, seed, spread)
        asked = k or len(names)
        words = f"{_counted(images)} and k={asked} of {len(names)} classes{words}"
        case: Asked = {"net": net, "names": names, "training": True, "k": asked, "words": words, "earlier": k == 1}
        cases.append((case, images))
    return cases


def _places(net: list[nets.Node]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The layers that are asked for in each framework, and the nodes whose outputs they give."""
    names = {node["name"].partition(".")[2]: node["name"] for node in net[::-1]}  # of those that end alike the first
    block = names["conv1"].partition(".")[0]
    slope = next(node["name"] for node in net if node["kind"] == "prelu")
    common = [names["norm"], names["conv1"], names["norm2"], names["act1"], slope]
    common += [node["name"] for node in net if node["name"].endswith(".conv")]  # two names that end alike
    common += [names["conv2"], names["shortcut"]]  # to the latter the rest is added in place
    # the block as a whole, which an in-place ReLU follows; and a layer whose name others before and behind it end with
    torch = [*common, block, "act1"]
    keras = [nets.framework_name(name, "keras") for name in (*common, names["add"], "act1")]
    nodes = [*common, names["add"], "act1"]
    return {"torch": torch, "keras": keras}, {"torch": nodes, "keras": nodes}


def feature_maps(generator: np.random.Generator) -> Request:
    """Layers before in-place ones, inside and around a block; one image, and a map of one channel; unknown layers.

    The nets have other widths and the same names: what is kept by a layer's name is another net's.
    """
    cases: Drawn = []
    names, wide = nets.names(generator), [int(width) for width in generator.permutation([6, 8])]
    widths = [wide[0], 10, wide[1]]  # of 2 * 8 channels as many as rows, of 2 * 6 as many as columns
    for number, (count, training) in enumerate(((3, False), (1, True), (67, True))):
        tail = 1 if number == 1 else 0
        net = nets.net(generator, 6, frozen=3 * (number == 2), tail=tail, width=widths[number], called=names)
        layers, nodes = _places(net)
        if number == 1:
            layers = {framework: [*names[:1], names[4]] for framework, names in layers.items()}
            nodes = {framework: [*names[:1], names[4]] for framework, names in nodes.items()}
        case: Asked = {
            "net": net, "layers": layers, "nodes": nodes, "training": training, "gradients": number == 1,
            "without_gradients": number == 2, "earlier": number == 2, "words": f"{count} image{'s' * (count > 1)}",
        }  # fmt: skip
        missing = f"layer_{int(generator.integers(50, 100))}"
        case["unknown"] = {  # no layer's name, one in other letters, a part of one
            framework: (missing, names[0].swapcase(), names[-2][:-1])[number] for framework, names in layers.items()
        }
        cases.append((case, _images(generator, count, 16, 12)))
    return request("feature_maps", generator, cases)


def layer_table(generator: np.random.Generator) -> Request:
    """Two sizes that are not square, models in both modes, some layers frozen; in Keras one model for any size.

    The last net is a chain, in Keras a `Sequential` if the function takes one, for images as large as the first's: what
    is kept by an input's shape is another net's.
    """
    cases: Drawn = []
    for number, (height, width) in enumerate(((14, 11), (9, 16), (14, 11))):
        chain = number == 2
        case: Asked = {
            "net": nets.chain(generator, 5) if chain
            else nets.net(generator, 7, frozen=5 * number, dropout=number == 1),  # what has seeds and no parameters
            "chain": chain, "training": number == 1, "any_size": number == 1, "earlier": number == 1,
            "gradients": number == 1,
            "words": f"a net {'without branches ' * chain}for images of {height} x {width}",
        }  # fmt: skip
        cases.append((case, _images(generator, 1, height, width)))
    return request("layer_table", generator, cases)
