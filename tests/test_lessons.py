"""Every lesson: the questions of the course in order, stubs with the contract's signatures, both frameworks alike."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader import specs
from grader.frontends import lesson
from grader.spec import FRAMEWORKS, Assignment
from tests.releasing import ROOT, run

# what students write, by question: the same in both frameworks, or (PyTorch, Keras)
SIGNATURES = {
    "a1_cnn": {
        "conv_bn_relu": (
            "ConvBNReLU(self, in_channels, out_channels, stride=1)", "conv_bn_relu(x, channels, stride=1)",
        ),
        "simple_cnn": "simple_cnn(num_classes)",
        "count_parameters": "count_parameters(model)",
        "train_epoch": "train_epoch(model, batches, optimizer)",
        "evaluate": "evaluate(model, batches)",
    },
    "a2_resnet": {
        "basic_block": ("BasicBlock(self, in_channels, channels, stride=1)", "basic_block(x, channels, stride=1)"),
        "bottleneck": ("Bottleneck(self, in_channels, channels, stride=1)", "bottleneck(x, channels, stride=1)"),
        "resnet": ("resnet(depth, num_classes=1000)", "resnet(depth, num_classes=1000, input_shape=(224, 224, 3))"),
        "cifar_resnet": (
            "cifar_resnet(depth, num_classes=10)", "cifar_resnet(depth, num_classes=10, input_shape=(32, 32, 3))",
        ),
        "cifar_plain": (
            "cifar_plain(depth, num_classes=10)", "cifar_plain(depth, num_classes=10, input_shape=(32, 32, 3))",
        ),
    },
    "a3_training": {
        "init_weights": ("init_weights(model)", "he_initializer(seed)"),
        "make_optimizer": "make_optimizer(model)",
        "make_schedule": ("make_schedule(optimizer, patience=5)", "make_callbacks(patience=5)"),
        "fit": "fit(model, train, validation, epochs, batch_size=256)",
        "degradation": "degradation(build, images, labels, depths=(20, 56), steps=120)",
    },
    "a4_pretrained": {
        "preprocess": "preprocess(images, size=224)",
        "classify": "classify(model, images, names, k=5)",
        "feature_maps": "feature_maps(model, images, layer)",
        "layer_table": "layer_table(model, input_shape)",
    },
    "a5_transfer": {
        "feature_extractor": "feature_extractor(backbone, num_classes)",
        "fine_tuner": "fine_tuner(backbone, num_classes, stages)",
        "parameter_groups": ("parameter_groups(model, lr)", "compile_for(model, phase, lr)"),
        "choose_strategy": "choose_strategy(images_per_class, similar)",
        "transfer": "transfer(backbone, train, validation, num_classes)",
    },
}  # fmt: skip
POINTS = {
    "a1_cnn": (4, 5, 3, 4, 4), "a2_resnet": (5, 4, 6, 3, 2), "a3_training": (4, 3, 3, 6, 4),
    "a4_pretrained": (4, 5, 5, 6), "a5_transfer": (5, 4, 3, 2, 6),
}  # fmt: skip
ASSIGNMENTS = specs.assignments()


def name_of(assignment: Assignment) -> str:
    return assignment.name


def parts(assignment: Assignment, framework: str) -> tuple[lesson.Part, ...]:
    return lesson.read(ROOT / "solutions" / assignment.name / f"on_{framework}.py", assignment, framework)


def signature(node: ast.stmt) -> str:
    """A definition as a call: the arguments of a function, or of a class's `__init__`."""
    function = node
    if isinstance(node, ast.ClassDef):
        function = next(part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__")
    assert isinstance(function, ast.FunctionDef)
    return f"{node.name}({ast.unparse(function.args)})"


def test_there_are_all_assignments_with_the_points_of_the_course():
    assert {a.name: tuple(q.points for q in a.questions) for a in ASSIGNMENTS} == POINTS


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=name_of)
def test_stubs_have_the_signatures_of_the_contract_and_are_explained(assignment: Assignment, framework: str) -> None:
    found = {}
    for part in parts(assignment, framework):
        if part.kind != "answer":
            continue
        wanted = next(q for q in assignment.questions if q.name == part.name).functions[framework]
        for node in ast.parse(lesson.emptied(part).source).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == wanted:
                found[part.name] = signature(node)
                assert len(ast.get_docstring(node) or "") > 40, f"{wanted} isn't explained in its stub"
    index = FRAMEWORKS.index(framework)
    contract = SIGNATURES[assignment.name]
    assert found == {name: text if isinstance(text, str) else text[index] for name, text in contract.items()}


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=name_of)
def test_both_frameworks_tell_the_same(assignment: Assignment) -> None:
    headings = [
        [line for part in parts(assignment, framework) for line in part.source.splitlines() if line.startswith("## ")]
        for framework in FRAMEWORKS
    ]
    assert headings[0] == headings[1]
    assert len(headings[0]) >= len(assignment.questions)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=name_of)
def test_long_work_stands_under_the_flag(assignment: Assignment, framework: str) -> None:
    """While a submission is graded, a cell of the lesson defines something or is skipped by itself."""
    quick = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.If)
    for part in parts(assignment, framework):
        if part.kind in ("code", "answer"):
            for node in ast.parse(part.source).body:
                assert isinstance(node, quick), ast.unparse(node)
                if isinstance(node, ast.If):
                    assert ast.unparse(node.test) == "not grader.grading"


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=name_of)
def test_the_committed_notebooks_are_fresh(assignment: Assignment) -> None:
    assert run(ROOT, "--check", assignment=assignment.name) == 0, "run `make notebooks` and commit what it writes"


def test_every_solution_has_a_spec() -> None:
    assert sorted(path.name for path in Path(ROOT / "solutions").iterdir()) == [a.name for a in ASSIGNMENTS]
