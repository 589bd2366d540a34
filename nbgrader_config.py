"""The course as nbgrader sees it; what each piece does is said in `grader/frontends/nbgrader.py`."""

from pathlib import Path

c = get_config()  # noqa: F821  nbgrader gives it to this file

c.CourseDirectory.root = str(Path(__file__).parent)
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.original"]

c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write your own code here")'}

# Browser copies get their name, damaged notebooks are mended, and our process grades in place of a Jupyter kernel.
c.Autograde.pre_convert_hook = "grader.frontends.collecting.before_autograding"
c.Autograde.exporter_class = "grader.frontends.nbgrader.AnyNotebook"
c.Autograde.sanitize_preprocessors = [
    "grader.frontends.nbgrader.Mend",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "grader.frontends.nbgrader.Grade",
    "grader.frontends.nbgrader.SaveScores",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

c.GenerateFeedback.exporter_class = "grader.frontends.nbgrader.FeedbackPage"
c.GenerateFeedback.preprocessors = [
    "grader.frontends.nbgrader.ShowGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

c.ExportApp.plugin_class = "grader.frontends.export.Grades"
