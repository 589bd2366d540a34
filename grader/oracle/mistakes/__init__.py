"""Known mistakes as rewrites of a graph, each with the sentence that explains it.

A rewrite applies to every block of a graph, by the last part of the nodes' names, so that it explains a block and a
whole net alike. The rewrite that reproduces a model's outputs *is* the mistake.
"""

from grader.oracle.mistakes import additions, layers, nets, shortcuts, strides, trio
from grader.oracle.mistakes.register import MISTAKES, Mistake

__all__ = ["MISTAKES", "Mistake", "additions", "layers", "nets", "shortcuts", "strides", "trio"]
