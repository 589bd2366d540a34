"""The legal variant that a student chose, in words."""

from __future__ import annotations

from grader.checks.judging import studies
from grader.oracle import measures
from grader.oracle.alignment import Aligned
from grader.oracle.graph import Graph
from grader.spec import Evidence, Request


def describe(request: Request, evidence: Evidence) -> str:
    """The recognised variant of the last case, "" when the layers are not those of the net."""
    study = list(studies(request, evidence))[-1]
    if not study.has("trace") or not isinstance(study.fit, Aligned):
        return ""
    graph = study.fit.graph
    words = [*_shortcuts(graph), *_strides(graph), *_biases(graph)]
    if study.kind == "resnet":
        words.append(f"{measures.multiply_adds(graph, 224, 224) / 1e9:.1f} billion multiply-adds at 224 x 224")
    return ", ".join(words)


def _shortcuts(graph: Graph) -> list[str]:
    for node in graph.nodes:
        if node.operation == "subsample":
            before, after = node.attributes["before"], node.attributes["after"]
            place = "on both sides" if before and after else "before" if before else "after"
            return [f"option A shortcuts (zeros {place})"]
        if node.name.endswith("projection"):
            norm = any(other.name == f"{node.name}_norm" for other in graph.nodes)
            bias = ", with bias" if "bias" in node.tensors else ""
            return [f"projection shortcuts {'with' if norm else 'without'} BatchNorm{bias}"]
    return []


def _strides(graph: Graph) -> list[str]:
    for node in graph.nodes:
        last = node.name.rpartition(".")[2]
        bottleneck = any(other.name == node.name[: -len(last)] + "conv3" for other in graph.nodes)
        if bottleneck and last in ("conv1", "conv2") and node.attributes.get("stride") == 2:
            return [f"stride on the {'first 1x1' if last == 'conv1' else '3x3'} convolution"]
    return []


def _biases(graph: Graph) -> list[str]:
    main = [node for node in graph.nodes if node.operation == "convolution" and "projection" not in node.name]
    return ["convolutions with bias"] if any("bias" in node.tensors for node in main) else []
