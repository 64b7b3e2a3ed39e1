#!/usr/bin/env python3
"""Reads an index folder of PyLate and writes its token vectors for `maxsimd index --embeddings`.

    python3 scripts/import_index.py indexes/colbert --out vectors.npz
    maxsimd index my-index --embeddings vectors.npz --kind plaid

FOLDER is index_folder/index_name as PyLate was given them. Voyager indexes of every version of PyLate and
PLAID indexes made by fast-plaid are read (docs/collections.md says what of them). Only plain data is
taken from pickles; nothing in the folder is executed or changed. Needs nothing but the standard library.
"""
import argparse
import array
import collections
import math
import pathlib
import sqlite3
import sys
import time

from pylate_index import plaid, voyager
from pylate_index.failure import ImportFailure
from pylate_index.npy import write_npz

MAX_ID_BYTES = 512  # what an index of maxsimd takes
PROGRESS_SECONDS = 5


def open_index(folder):
    """The reader of the kind of index found in a folder."""
    files = voyager.find(folder)
    if files:
        return voyager.VoyagerIndex(files)
    files = plaid.find(folder)
    if files:
        return plaid.PlaidIndex(files)
    if (folder / "centroids.pt").is_file() or list(folder.glob("*/centroids.pt")):
        raise ImportFailure(f"{folder}: an index of the Stanford PLAID backend (centroids.pt), which is not read; "
                            "make it again with use_fast=True, or encode the documents again")
    raise ImportFailure(f"{folder}: no index of PyLate's that is read; expected index.voyager, fast_plaid_index or centroids.npy "
                        f"in it, or {folder.name}.voyager beside it; give index_folder/index_name as in PyLate")


def checked_ids(ids, folder):
    """ids as they are; where they are of two types, all as texts. Throws for ids an index cannot hold."""
    for name in ids:
        if isinstance(name, str) and ("\0" in name or not 1 <= len(name.encode()) <= MAX_ID_BYTES):
            raise ImportFailure(f"{folder}: the id {name[:40]!r} is empty, has U+0000 or more than {MAX_ID_BYTES} bytes of "
                                "UTF-8; give the document another id in PyLate")
    if len({type(name) for name in ids}) < 2:
        return ids
    texts = [str(name) for name in ids]
    if len(set(texts)) < len(texts):
        twice = collections.Counter(texts).most_common(1)[0][0]
        raise ImportFailure(f"{folder}: {twice!r} is the id of two documents, as a text and as an integer; "
                            "give one of them another id in PyLate")
    return texts


def finite(documents, ids, folder):
    """Passes the documents on; throws for one with NaN or an infinity."""
    for name, document in zip(ids, documents):
        if not math.isfinite(sum(array.array("f", document))):
            raise ImportFailure(f"{folder}: document {name!r} has a value that is NaN or infinite, so no score can be computed; "
                                "remove the document in PyLate, or encode it again")
        yield document


def with_progress(documents, lengths):
    """Passes the documents on; says now and then on stderr how far it is."""
    total, done = sum(lengths), 0
    started = told = time.monotonic()
    for document, length in zip(documents, lengths):
        yield document
        done += length
        now = time.monotonic()
        if now - told >= PROGRESS_SECONDS:
            told, rate = now, max(done, 1) / (now - started)
            print(f"{done:,} of {total:,} vectors, {rate:,.0f}/s, {(total - done) / rate:,.0f} s left", file=sys.stderr)


def import_index(folder, out, force):
    """Writes the .npz; returns the lines to tell the user."""
    if not folder.is_dir() and not folder.with_name(folder.name + ".voyager").is_file():
        raise ImportFailure(f"{folder}: no such folder; give index_folder/index_name as in PyLate")
    if out.exists() and not force:
        raise ImportFailure(f"{out}: exists already; name another file with --out, or replace it with --force")
    index = open_index(folder)
    if not index.ids:
        raise ImportFailure(f"{folder}: the index has no documents; there is nothing to import")
    ids = checked_ids(index.ids, folder)
    documents = finite(index.documents(), index.ids, folder)
    write_npz(out, index.dim, ids, index.lengths, with_progress(documents, index.lengths))
    flag = " --integer-ids" if isinstance(ids[0], int) else ""
    notes = index.notes + (["ids of two types are all written as texts"] if ids is not index.ids else [])
    return [f"note: {note}" for note in notes] + [
        f"{out}: {len(ids):,} documents, {sum(index.lengths):,} vectors of {index.dim} dimensions",
        f"next: maxsimd index NEW --embeddings {out}{flag}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0],
                                     epilog="The index made of it knows no model: ask it with search --query-embeddings, or "
                                            "give maxsimd index --model the model whose vectors they are.")
    parser.add_argument("folder", type=pathlib.Path, help="index_folder/index_name of PyLate, or a folder of fast-plaid")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("vectors.npz"),
                        help="file to write (default: %(default)s)")
    parser.add_argument("--force", action="store_true", help="replace the file when it exists")
    options = parser.parse_args()
    try:
        lines = import_index(options.folder.resolve(), options.out, options.force)
    except (ImportFailure, sqlite3.Error) as error:
        print(f"import_index: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = "" if error.filename else f"{options.out} could not be written: "
        print(f"import_index: {where}{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("import_index: interrupted; nothing was written", file=sys.stderr)
        return 1
    print("\n".join(lines), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
