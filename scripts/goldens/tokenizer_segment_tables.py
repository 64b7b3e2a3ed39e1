#!/usr/bin/env python3
"""Writes maxsimd/text/unicode/graphemes.inc and scripts.inc from the behaviour of Hugging Face `tokenizers`.

    python3 scripts/goldens/tokenizer_segment_tables.py maxsimd/text/unicode

Needs: tokenizers==0.23.3, sentencepiece (it makes the charsmap of the probes). As in
tokenizer_unicode_tables.py, each property is asked of the library code point by code point:
  graphemes  where the Precompiled normalizer sees the boundaries of extended grapheme clusters. It
             replaces a whole cluster of less than six bytes by what its first character maps to, so
             that a mark behind a mapped character vanishes exactly if a cluster begins there.
  scripts    which characters the UnicodeScripts pre-tokenizer keeps together.
"""
import io
import os
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import normalizers, pre_tokenizers

from tokenizer_unicode_tables import LAST, SCALARS, braces, emit, runs, start

MARK, MARK2, ZWJ = "\u0301", "\u0302", "\u200d"
COPYRIGHT, KA, VIRAMA = "\u00a9", "\u0915", "\u094d"
LEAD, VOWEL, TRAIL = "\u1100", "\u1160", "\u11a8"
# The order is that of GraphemeClass in graphemes.h.
(OTHER, CONTROL, PREPEND, EXTEND, SPACING, JOINER, LEADING, VOWELS, TRAILING, LV, LVT,
 REGIONAL) = range(12)
PICTOGRAPH, CONSONANT, LINKER, INDIC_EXTEND = 16, 32, 64, 128


def probe():
    """A normalizer that maps each of a few characters to "X"."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        for char in ("a", MARK, COPYRIGHT, KA, LEAD, VOWEL, TRAIL):
            rules.write("%X\t58\n" % ord(char))
        rules.flush()
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["a b c"] * 10), model_writer=model, vocab_size=8,
            hard_vocab_limit=False, normalization_rule_tsv=rules.name, minloglevel=2)
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    return normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)


def grapheme_classes():
    normalize = probe().normalize_str

    def joins(left, right):
        """Whether there is no boundary between them; `right` is one of the mapped characters."""
        return normalize(left + right + MARK2)[-1] == MARK2

    values = [OTHER] * (LAST + 1)
    for c in SCALARS:
        char = chr(c)
        if c == 0:  # ends a search in the charsmap, but is a control character
            values[c] = CONTROL
            continue
        value = OTHER
        if normalize("a" + char) == "X":
            value = SPACING
            if char == ZWJ:
                value = JOINER
            elif joins(COPYRIGHT + char + ZWJ, COPYRIGHT):
                value = EXTEND
            if joins(KA + char, KA):
                value |= LINKER
            if joins(KA + char + VIRAMA, KA):
                value |= INDIC_EXTEND
        elif not joins(char, MARK):
            value = CONTROL
        elif joins(char, "a"):
            value = PREPEND
        elif 0x1F1E6 <= c <= 0x1F1FF:
            value = REGIONAL
        elif joins(char, LEAD):
            value = LEADING
        elif 0xAC00 <= c <= 0xD7A3:
            value = LV if (c - 0xAC00) % 28 == 0 else LVT
            assert joins(char, TRAIL) and joins(char, VOWEL) == (value == LV), hex(c)
        elif joins(char, VOWEL):
            value = VOWELS
        elif joins(char, TRAIL):
            value = TRAILING
        if joins(char + ZWJ, COPYRIGHT) and value == OTHER:
            value |= PICTOGRAPH
        if joins(char + VIRAMA, KA) and value == OTHER:
            value |= CONSONANT
        values[c] = value
    # A mapped character cannot be asked; its neighbour is like it.
    for char, neighbour in (("a", "b"), (MARK, MARK2), (COPYRIGHT, "\u00ae"), (KA, "\u0916"),
                            (LEAD, "\u1101"), (VOWEL, "\u1161"), (TRAIL, "\u11a9")):
        values[ord(char)] = values[ord(neighbour)]
    for c in range(0xAC00, 0xD7A4):  # told apart by arithmetic
        values[c] = LV
    return values


def scripts():
    """Numbers of classes of characters that stay together; 0 for those that go with any."""
    split = pre_tokenizers.UnicodeScripts().pre_tokenize_str
    values, known = [0] * (LAST + 1), []
    previous = None
    for c in SCALARS:
        char = chr(c)
        if not split(char):
            continue
        if previous is not None and len(split(chr(previous) + char)) == 1:
            values[c] = values[previous]
        else:
            found = [i for i, other in enumerate(known) if len(split(other + char)) == 1]
            if not found:
                known.append(char)
                found = [len(known) - 1]
            values[c] = found[0] + 1
        previous = c
    return values


def main():
    values = grapheme_classes()
    palette = sorted(set(values))
    with start(sys.argv[1], "graphemes.inc") as out:
        emit(out, "kGraphemePalette", "uint8_t", map(str, palette))
        emit(out, "kGraphemeRuns", "Run", [braces((c, palette.index(v))) for c, v in runs(values)])
        out.write("// clang-format on\n")
    with start(sys.argv[1], "scripts.inc") as out:
        emit(out, "kScriptRuns", "Run", [braces(r) for r in runs(scripts())])
        out.write("// clang-format on\n")


if __name__ == "__main__":
    main()
