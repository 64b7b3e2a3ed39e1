"""What the rows of an embedding stand for."""

from __future__ import annotations

from typing import NamedTuple


class RowDescription(NamedTuple):
    """``token`` is as in the vocabulary ("##ing", "[CLS]"); ``text[start:end]`` are the characters it
    stands for, none for special tokens, the prefix and expansion."""

    id: int
    token: str
    start: int
    end: int


def of_characters(text: str, rows: list[tuple[int, str, int, int]]) -> list[RowDescription]:
    """Rows with places in the UTF-8 bytes of ``text`` -> with places in its characters."""
    if text.isascii():
        return [RowDescription(*row) for row in rows]
    starts = [0]  # of each character, in bytes
    for character in text:
        starts.append(starts[-1] + len(character.encode("utf-8", "surrogatepass")))
    places = {start: place for place, start in enumerate(starts)}
    return [RowDescription(number, token, places[begin], places[end])
            for number, token, begin, end in rows]
