#!/usr/bin/env python3
"""Indexes the Markdown files of a folder, section by section, and searches them.

    python index_markdown.py docs "how are models stored?" [--index my-index] [-k 5]

The index is kept: run it again and only files that have changed are encoded anew.
"""
import argparse
import hashlib
import json
import pathlib
import re

from maxsimd import indexes, models, retrieve


def sections(path: pathlib.Path) -> list[str]:
    """The parts of a file, each with the headings it stands under."""
    found, headings, lines = [], {}, []

    def close():
        body = "\n".join(lines).strip()
        if body:
            found.append(" > ".join(headings.values()) + "\n" + body)
        lines.clear()

    is_code = False
    for line in path.read_text(encoding="utf-8").splitlines():
        is_code ^= line.lstrip().startswith("```")
        heading = None if is_code else re.match(r"(#+)\s+(.*)", line)
        if heading is None:
            lines.append(line)
            continue
        close()
        level = len(heading[1])
        headings = {n: text for n, text in headings.items() if n < level} | {level: heading[2]}
    close()
    return found


def update(index: indexes.PLAID, model: models.ColBERT, folder: pathlib.Path, state: pathlib.Path):
    """Brings the index up to date. `state` says which sections each file had, by digest."""
    before = json.loads(state.read_text()) if state.is_file() and len(index) else {}
    now = {}
    for path in sorted(folder.rglob("*.md")):
        name = str(path.relative_to(folder))
        texts = sections(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        now[name] = {"digest": digest, "ids": [f"{name}#{i}" for i in range(len(texts))]}
        if before.get(name, {}).get("digest") != digest and texts:
            index.add_documents(now[name]["ids"], model.encode(texts, is_query=False))
    stale = {i for file in before.values() for i in file["ids"]}
    stale -= {i for file in now.values() for i in file["ids"]}
    if stale:
        index.remove_documents(sorted(stale))
    state.write_text(json.dumps(now))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("query", nargs="+")
    parser.add_argument("--index", default="markdown-index")
    parser.add_argument("--model", default="mini", help="a folder, 'mini' or a name of the hub")
    parser.add_argument("-k", type=int, default=5)
    given = parser.parse_args()

    model = models.ColBERT(given.model)
    index = indexes.PLAID(index_folder=given.index, index_name="sections")
    update(index, model, given.folder, pathlib.Path(given.index) / "files.json")

    queries = model.encode(given.query, is_query=True)
    for query, hits in zip(given.query, retrieve.ColBERT(index).retrieve(queries, k=given.k)):
        print(query)
        for hit in hits:
            name, _, number = hit["id"].rpartition("#")
            text = sections(given.folder / name)[int(number)]
            print(f"  {hit['score']:6.2f}  {name}  {' '.join(text.split())[:90]}")


if __name__ == "__main__":
    main()
