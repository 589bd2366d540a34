import re
from html.parser import HTMLParser

from grader.frontends import html, text, wording
from grader.result import Complaint, QuestionReport, Report, Result, Status
from grader.spec import Assignment, Check, Question

ATTACK = "<script>alert('x')</script> & `x < 1` \x1b[31m"


def question(results, **more):
    return QuestionReport("basic_block", tuple(results), **more)


def report(*questions):
    return Report("a2_resnet", "torch", "0", "sha256:0", "public", questions)


def assignment(count=2):
    def check(name):
        return Check(name, f"What {name} & co check.", "none.none", lambda generator: {}, lambda r, e: None, 1)

    checks = tuple(check(f"check_{number}") for number in range(count))
    return Assignment("a2_resnet", "A title", (Question("basic_block", {"torch": "BasicBlock"}, checks),))


def result(number, status=Status.PASSED, complaint=None):
    return Result(f"check_{number}", status, float(status is Status.PASSED), 1.0, complaint)


class Tags(HTMLParser):
    """The tags of a page, and its text without the style."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self._open = [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data if "style" not in self._open else ""


def test_the_table_shows_what_was_checked_expected_and_got():
    complaint = Complaint("this", "that", "do it")
    graded = question([result(0), result(1, Status.FAILED, complaint)], variant="the paper's", remarks=("A remark.",))
    page = Tags(html.table(report(graded), assignment(), note=wording.FEEDBACK))
    for part in ("basic_block", "1 of 2 points", "What check_0 & co check.", "this", "that", "do it", "the paper's"):
        assert part in page.text
    assert "A remark." in page.text
    assert "not the grade" in page.text


def test_whatever_a_student_writes_is_escaped():
    complaint = Complaint(ATTACK, ATTACK, ATTACK)
    graded = question([result(0, Status.CRASHED, complaint)], variant=ATTACK, remarks=(ATTACK,))
    page = html.table(report(graded), assignment(), note=ATTACK)
    assert "script" not in Tags(page).tags
    assert "\x1b" not in page
    assert "<code>x &lt; 1</code>" in page
    assert "script" not in Tags(html.message(ATTACK)).tags
    assert "\x1b" not in text.render(report(graded), assignment(), note="")


def test_the_first_complaint_stands_out_and_repetitions_are_folded():
    first, again = Complaint("a", "the cause", "b"), Complaint("c", "not counted", "d")
    results = [result(0), result(1, Status.FAILED, first), *(result(n, Status.FAILED, again) for n in (2, 3))]
    page = html.table(report(question(results)), assignment(4))
    assert page.count('<dl class="complaint first">') == 1
    assert page.count("not counted") == 0
    shown = text.render(report(question(results)), assignment(4))
    assert "2 more did not pass: mend the complaint above first (check_2, check_3)" in shown


def test_a_long_question_shows_what_must_be_read():
    results = [result(number) for number in range(30)]
    results[7] = result(7, Status.FAILED, Complaint("a", "the cause", "b"))
    shown = text.render(report(question(results)), assignment(30))
    assert "the cause" in shown
    assert "29 passed (check_0, check_1" in shown
    assert len(shown.splitlines()) < 12


def test_a_fault_of_the_grader_is_no_zero():
    graded = question([result(0), result(1, Status.BROKEN, Complaint("a", "our fault", "nothing"))])
    shown = text.render(report(graded), assignment()).splitlines()
    assert shown[0].endswith("at least 1 of 2 points"), shown  # of the whole submission
    assert "basic_block  at least 1 of 2 points" in shown
    assert 'class="broken"' in html.table(report(graded), assignment())


def test_colours_are_only_for_terminals():
    graded = report(question([result(0)]))
    plain, coloured = (text.render(graded, assignment(), colour=colour) for colour in (False, True))
    assert "\x1b[32m" in coloured
    assert re.sub("\x1b\\[\\d+m", "", coloured) == plain
