"""The pieces that `nbgrader_config.py` puts into nbgrader: students' notebooks are mended, graded by us, and shown."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor, SaveAutoGrades

from grader import specs
from grader.frontends import building, course, marking, mending

_OPEN = "not graded yet"


class AnyNotebook(NotebookExporter):  # type: ignore[misc]
    """Reads whatever a student handed in: a damaged file becomes a notebook that says so."""

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        """Read and convert a notebook."""
        path = Path(filename)
        resources = resources or ResourcesDict()
        resources["metadata"] = ResourcesDict(name=path.stem, path=str(path.parent))
        return self.from_notebook_node(nbformat.from_dict(mending.notebook(path)), resources=resources, **options)


class Mend(NbGraderPreprocessor):  # type: ignore[misc]
    """Attaches nbgrader's metadata anew, so that each check cell of the gradebook is there exactly once."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Mend the notebook by the gradebook's list of cells."""
        names = resources["nbgrader"]
        ours = {question.name for question in specs.assignment(names["assignment"]).questions}
        checks = {name: points for name, points in _maxima(resources).items() if name in ours}
        answers = {building.answer_id(name) for name in checks}
        nb.cells = nbformat.from_dict(mending.mend(nb.cells, checks, answers))
        with Gradebook(names["db_url"]) as gradebook:
            released = gradebook.find_notebook(names["notebook"], names["assignment"]).source_cells
            checksums = {cell.name: cell.checksum for cell in released if cell.checksum}
        for cell in nb.cells:  # by an answer's checksum nbgrader knows that it is still the stub
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in checksums:
                cell.metadata.nbgrader["checksum"] = checksums[grade_id]
        return nb, resources


class Grade(NbGraderPreprocessor):  # type: ignore[misc]
    """Grades what was handed in and writes the outputs of the check cells, in place of nbgrader's Execute."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Grade by the file that the student handed in, and put the scores into the resources."""
        names = resources["nbgrader"]
        directory = CourseDirectory(parent=self)
        folder = Path(directory.format_path(directory.submitted_directory, names["student"], names["assignment"]))
        path = folder / f"{names['notebook']}.ipynb"
        marks = marking.marks(path, specs.assignment(names["assignment"]), course.read(Path(directory.root)), self.log)
        maxima = _maxima(resources)
        scores: dict[str, float | None] = {}
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in maxima:
                mark = marks.get(name, marking.OPEN)
                scores[name] = mark.score(maxima[name])
                cell.outputs = nbformat.from_dict(mark.outputs(maxima[name]))
        resources["skipgrade"] = scores
        return nb, resources


class SaveScores(SaveAutoGrades):  # type: ignore[misc]
    """Saves the scores that `Grade` reached: a question without one asks for a person."""

    def _add_score(self, cell: Any, resources: Any) -> None:
        name = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = resources.get("skipgrade", {}).get(name)
        grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        self.gradebook.db.commit()


class ShowGrades(GetGrades):  # type: ignore[misc]
    """Puts the scores into the feedback page, where a question that waits for a person has none."""

    def _get_score(self, cell: Any, resources: Any) -> None:
        super()._get_score(cell, resources)
        name = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        if grade.auto_score is None and grade.manual_score is None:
            cell.metadata.nbgrader["score"] = math.nan

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Add the scores; the total is open while one of them is."""
        nb, resources = super().preprocess(nb, resources)
        scores = [cell.metadata.get("nbgrader", {}).get("score", 0.0) for cell in nb.cells]
        if any(math.isnan(score) for score in scores if score is not None):
            resources["nbgrader"]["score"] = math.nan
        return nb, resources


class FeedbackPage(HTMLExporter):  # type: ignore[misc]
    """The feedback page, on which a student's markdown stays text and an open score is called open."""

    def default_filters(self) -> Any:
        """The filters of nbconvert, with two of our own."""
        yield from super().default_filters()
        yield "markdown2html", _safe_markdown
        yield "round", lambda value, digits=0: _OPEN if math.isnan(value) else round(value, digits)


def _safe_markdown(source: str) -> str:
    """Markdown as HTML, with the HTML and the scripts inside it as plain text."""
    page: str = MarkdownWithMath(renderer=IPythonRenderer(escape=True, allow_harmful_protocols=False)).render(source)
    return page


def _maxima(resources: Any) -> dict[str, float]:
    """The gradebook's current maximum of each check cell."""
    names = resources["nbgrader"]
    with Gradebook(names["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
        return {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
