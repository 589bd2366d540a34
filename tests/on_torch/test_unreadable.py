"""A right program that the grader can't follow goes to a person."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.grading import grade

SHIFTED = """class Shifted(nn.Module):
    def __init__(self, inputs, outputs, size, stride=1, padding=0, bias=False):
        super().__init__()
        self.size, self.stride, self.padding = size, stride, padding
        self.kernel = nn.Parameter(torch.randn(outputs, inputs, size, size) * 0.1)

    def forward(self, x):
        rows, columns = ((side - 1) // self.stride + 1 for side in x.shape[2:])
        x = F.pad(x, [self.padding] * 4)
        total = 0
        for i in range(self.size):
            for j in range(self.size):
                view = x[:, :, i :: self.stride, j :: self.stride][:, :, :rows, :columns]
                total = total + torch.einsum("oi,nihw->nohw", self.kernel[:, :, i, j], view)
        return total


"""


def test_a_convolution_pixel_by_pixel_is_no_zero_but_a_question_for_a_person() -> None:
    edits = (("class BasicBlock", f"{SHIFTED}class BasicBlock"), ("nn.Conv2d(", "Shifted("))
    source = Entry("shifted", "basic_block", torch=edits).source("torch")
    question = grade(source, "torch", ["basic_block"], requests=1).questions[0]
    assert question.broken
    assert 0 < question.points < question.max_points  # the shape is right, and no more is known
    complaint = question.first_complaint
    assert complaint is not None
    assert "`conv1.kernel` is used in parts" in complaint.got
    assert "nothing to mend on your side" in complaint.fix
