"""The one exception of the importer: a text for the user, ends the run with exit code 1."""


class ImportFailure(Exception):
    """What is wrong: the file, the field, what was expected and what to do about it."""


def require(condition, path, problem, advice="the file is damaged or of another version: make the index again with PyLate"):
    """Raises ImportFailure about the file `path` unless `condition` holds."""
    if not condition:
        raise ImportFailure(f"{path}: {problem}; {advice}")
