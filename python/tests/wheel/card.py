"""The Python snippets of a model card that was copied as text: without fences, paragraphs of code
between paragraphs of prose."""
import ast
import re

# The card names its model without quotes.
UNQUOTED_MODEL = re.compile(r"(model_name_or_path=)([\w./-]+)(?=,?\n)")


def with_model(code: str, model: str) -> str:
    return UNQUOTED_MODEL.sub(lambda match: f"{match[1]}{model!r}", code)


def is_python(paragraph: str) -> bool:
    """Whether it is statements of a script: a word or a number alone is prose."""
    try:
        body = ast.parse(with_model(paragraph + "\n", "model")).body
    except SyntaxError:
        return False
    statements = (ast.Assign, ast.Import, ast.ImportFrom)
    return bool(body) and all(
        isinstance(node, statements) or
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) for node in body)


def snippets(card: str) -> list[str]:
    """Runs of paragraphs that are Python."""
    found, run = [], []
    for paragraph in [*card.split("\n\n"), ""]:
        if is_python(paragraph):
            run.append(paragraph.strip("\n"))
        elif run:
            found.append("\n\n".join(run) + "\n")
            run = []
    return found
