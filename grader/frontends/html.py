"""A report as a small HTML table, for notebooks and feedback pages; everything it shows is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from grader.frontends import wording
from grader.result import Complaint, QuestionReport, Report, Result, Status
from grader.spec import Assignment

# Text inherits its colour and grounds are translucent, so that one style serves light and dark themes; the doubled
# class wins over what JupyterLab, Colab and nbgrader say of tables, lists and code.
_STYLE = """
.skipgrade.skipgrade { font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; max-width: 736px;
  margin: .4rem 0; color: inherit; }
.skipgrade.skipgrade table { border-collapse: separate; border-spacing: 0; width: 100%; margin: 0 0 .6rem;
  border: 1px solid rgba(128,128,128,.35); border-radius: 10px; overflow: hidden; table-layout: auto;
  font-size: inherit; color: inherit; }
.skipgrade.skipgrade tr { background: transparent !important; }
.skipgrade.skipgrade td, .skipgrade.skipgrade th { border: 0; border-top: 1px solid rgba(128,128,128,.18);
  color: inherit; padding: .4rem .8rem; text-align: left; vertical-align: top; font-weight: normal;
  white-space: normal; max-width: none; }
.skipgrade.skipgrade thead th { border-top: 0; padding: .6rem .8rem; background: rgba(128,128,128,.1);
  vertical-align: middle; }
.skipgrade.skipgrade .name { font: 600 15px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.skipgrade.skipgrade .variant { font-size: 12.5px; opacity: .75; }
.skipgrade.skipgrade .points { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; width: 1%; }
.skipgrade.skipgrade thead .points { font-weight: 600; }
.skipgrade.skipgrade .sign { width: 1%; padding-right: 0; }
.skipgrade.skipgrade .sign span { display: inline-block; width: 1.4em; height: 1.4em; line-height: 1.4em;
  border-radius: 50%; text-align: center; font-size: 12px; font-weight: 700; color: #fff; background: #c43c35; }
.skipgrade.skipgrade .passed .sign span { background: #23834a; }
.skipgrade.skipgrade .broken .sign span { background: #6b63c9; }
.skipgrade.skipgrade .told td { border-top: 0; padding-top: 0; }
.skipgrade.skipgrade .complaint { margin: 0 0 .15rem; display: grid; grid-template-columns: max-content 1fr;
  gap: .2rem .8rem; font-size: 13px; }
.skipgrade.skipgrade .complaint, .skipgrade.skipgrade .complaint * { float: none; width: auto; min-width: 0; padding: 0;
  box-sizing: border-box; overflow: visible; white-space: normal; text-align: left; }
.skipgrade.skipgrade .complaint dt { opacity: .7; font-weight: normal; margin: 0; }
.skipgrade.skipgrade .complaint dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.skipgrade.skipgrade .complaint.first { padding: .55rem .8rem; border-left: 3px solid #d9534c;
  border-radius: 0 6px 6px 0; background: rgba(217,83,76,.1); font-size: 14px; }
.skipgrade.skipgrade .first .fix { font-weight: 600; }
.skipgrade.skipgrade .broken .complaint.first { border-left-color: #7d76d6; background: rgba(125,118,214,.12); }
.skipgrade.skipgrade code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: inherit;
  background: rgba(128,128,128,.16) !important; border-radius: 4px; padding: .05em .35em !important; }
.skipgrade.skipgrade .check { font: 11.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; opacity: .6; }
.skipgrade.skipgrade summary { cursor: pointer; }
.skipgrade.skipgrade p { margin: .2rem 0; font-size: 12.5px; opacity: .75; }
"""


def table(report: Report, assignment: Assignment, *, note: str = "") -> str:
    """The report as an HTML fragment: one table per question, the first complaint of each standing out."""
    sentences = wording.sentences(assignment)
    body = "\n".join(_question(question, sentences) for question in report.questions)
    notes = "\n".join(f"<p>{_text(line)}</p>" for line in (*report.remarks, note) if line)
    return _frame(f"{body}\n{notes}")


def message(text: str) -> str:
    """A sentence of the grader's own as an HTML fragment."""
    return _frame(f'<dl class="complaint first"><dt></dt><dd>{_text(text)}</dd></dl>')


def _frame(body: str) -> str:
    return f'<div class="skipgrade"><style>{_STYLE}</style>\n{body}\n</div>'


def _question(question: QuestionReport, sentences: dict[tuple[str, str], str]) -> str:
    variant = f'<div class="variant">{_text(question.variant)}</div>' if question.variant else ""
    head = (
        f'<thead><tr><th colspan="2"><span class="name">{escape(question.name)}</span>{variant}</th>'
        f'<th class="points">{wording.score(question)} points</th></tr></thead>'
    )
    rows = "\n".join(_rows(question, sentences))
    return f"<table>{head}\n<tbody>\n{rows}\n</tbody></table>"


def _rows(question: QuestionReport, sentences: dict[tuple[str, str], str]) -> Iterator[str]:
    shown, groups = wording.folded(question)
    for result in shown:
        sentence = sentences.get((question.name, result.check), result.check)
        yield _row(result, sentence, first=result.complaint is question.first_complaint)
    for phrase, group in groups:
        names = ", ".join(f"<code>{escape(result.check)}</code>" for result in group)
        told = f"<details><summary>{len(group)} {phrase}</summary>{names}</details>"
        yield f'<tr class="{_kind(group[0])}">{_sign(group[0])}<td colspan="2">{told}</td></tr>'
    for remark in question.remarks:
        yield f'<tr><td class="sign"></td><td colspan="2"><p>{_text(remark)}</p></td></tr>'


def _row(result: Result, sentence: str, first: bool) -> str:
    name = f'<span class="check">{escape(result.check)}</span>'
    worth = wording.score(result) if result.max_points > 0 else ""
    row = (
        f'<tr class="{_kind(result)}">{_sign(result)}<td>{_text(sentence)} {name}</td>'
        f'<td class="points">{worth}</td></tr>'
    )
    if result.complaint is None:
        return row
    told = _complaint(result.complaint, sentence, first)
    return f'{row}<tr class="{_kind(result)} told"><td class="sign"></td><td colspan="2">{told}</td></tr>'


def _kind(result: Result) -> str:
    """The style of a result: what crashed looks like what failed, for both are the student's to mend."""
    return "failed" if result.status is Status.CRASHED else result.status.value


def _sign(result: Result) -> str:
    return f'<td class="sign"><span title="{result.status.value}">{wording.SIGNS[result.status]}</span></td>'


def _complaint(complaint: Complaint, sentence: str, first: bool) -> str:
    pairs = "".join(
        f'<dt>{label}</dt><dd class="{label}">{_text(text)}</dd>' for label, text in wording.parts(complaint, sentence)
    )
    return f'<dl class="complaint{" first" if first else ""}">{pairs}</dl>'


def _text(text: str) -> str:
    """Escaped text in which `code` is set as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(wording.clean(text)))
