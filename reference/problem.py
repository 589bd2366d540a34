"""What a person can put right: a file that is missing, options that contradict each other."""


class Problem(Exception):  # noqa: N818 - it is shown as a sentence, without a traceback
    """Its text says what was asked, what was found, and what to do."""
