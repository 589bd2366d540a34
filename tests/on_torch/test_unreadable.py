"""A right program that the grader can't follow goes to a person."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.grading import grade

# one tensor that holds the kernels of both convolutions, where these are alike
STACKED = """class Half(nn.Module):
    def __init__(self, kernels, place):
        super().__init__()
        self.kernels, self.place = kernels, place

    def forward(self, x):
        return F.conv2d(x, self.kernels[self.place], padding=1)


"""


def test_a_tensor_with_two_layers_kernels_is_no_zero_but_a_question_for_a_person() -> None:
    edits = (
        ("class BasicBlock", f"{STACKED}class BasicBlock"),
        (
            "        self.shortcut = nn.Identity()",
            "        if stride == 1 and in_channels == channels:\n"
            "            self.kernels = nn.Parameter(torch.randn(2, channels, channels, 3, 3) * 0.1)\n"
            "            self.conv1, self.conv2 = Half(self.kernels, 0), Half(self.kernels, 1)\n"
            "        self.shortcut = nn.Identity()",
        ),
    )
    source = Entry("stacked", "basic_block", torch=edits).source("torch")
    question = grade(source, "torch", ["basic_block"], requests=1).questions[0]
    assert question.broken
    assert 0 < question.points < question.max_points  # the shape is right, and no more is known
    complaint = question.first_complaint
    assert complaint is not None
    assert "is used in parts" in complaint.got
    assert "nothing to mend on your side" in complaint.fix
