#!/usr/bin/env python3
"""Writes maxsimd/text/unicode/*.inc from the behaviour of Hugging Face `tokenizers`.

    python3 scripts/goldens/tokenizer_unicode_tables.py maxsimd/text/unicode

Needs: tokenizers==0.23.3 and Python >= 3.11 (its unicodedata gives combining classes and one-level
decompositions; every one of them is checked against what `tokenizers` does and dropped or reported
where they differ). HF mixes several Unicode versions: unicode_categories (8) for punctuation,
control and nonspacing marks, unicode-normalization-alignments (13) for the normal forms, the Rust
standard library (16 or later) for white space and case, Oniguruma for regexes. So nothing here is
derived from a Unicode version: each property is asked, code point by code point, of the library.
"""
import os
import sys
import unicodedata

from tokenizers import NormalizedString, Regex, normalizers, pre_tokenizers

LAST = 0x10FFFF
SCALARS = [c for c in range(LAST + 1) if not 0xD800 <= c <= 0xDFFF]
# The order is that of GeneralCategory in code_points.h.
CATEGORIES = ("Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf "
              "Co").split()
(WHITESPACE, PUNCTUATION, OTHER, NONSPACING, MARK, NUMERIC, WORD, REGEX_WORD, CASED, IGNORABLE,
 ALPHA, LOWER, UPPER) = (1 << i for i in range(13))
CATEGORY_SHIFT = 16


def pieces(pre_tokenizer, text):
    return pre_tokenizer.pre_tokenize_str(text)


def regex_matches(pattern):
    """The set of code points that a one-character Oniguruma pattern matches."""
    splitter = pre_tokenizers.Split(Regex(pattern), "removed")
    matched = set()
    for begin in range(0, LAST + 1, 4096):
        block = [c for c in range(begin, min(begin + 4096, LAST + 1)) if not 0xD800 <= c <= 0xDFFF]
        if not block:
            continue
        left = set()
        for _, (first, last) in pieces(splitter, "".join(map(chr, block))):
            left.update(range(first, last))
        matched.update(c for i, c in enumerate(block) if i not in left)
    return matched


def is_cased_letter(c):
    return (chr(c) + "\u03a3").lower()[-1] == "\u03c2"


def properties():
    flags = [0] * (LAST + 1)
    control = normalizers.BertNormalizer(True, False, False, False)
    accents = normalizers.BertNormalizer(False, False, True, False)
    marks = normalizers.StripAccents()
    space = pre_tokenizers.WhitespaceSplit()
    punctuation = pre_tokenizers.Punctuation()
    digits = pre_tokenizers.Digits(individual_digits=True)
    word = pre_tokenizers.Whitespace()
    for c in SCALARS:
        char = chr(c)
        f = 0
        framed = "a" + char + "b"
        if len(pieces(space, framed)) == 2:
            f |= WHITESPACE
        if len(pieces(punctuation, framed)) == 3:
            f |= PUNCTUATION
        if control.normalize_str(char) == "" and c not in (0xFFFD,):
            f |= OTHER
        if accents.normalize_str(char) == "":
            f |= NONSPACING
        if marks.normalize_str(char) == "":
            f |= MARK
        if len(pieces(digits, framed)) == 3:
            f |= NUMERIC
        if [p for p, _ in pieces(word, framed)] == [framed]:
            f |= WORD
        # Python's str.lower() applies the final-sigma rule with these two properties.
        if ("a" + char + "\u03a3").lower()[-1] == "\u03c2" and not is_cased_letter(c):
            f |= IGNORABLE
        if is_cased_letter(c):
            f |= CASED
        flags[c] = f
    for regex, flag in ((r"\w", REGEX_WORD), (r"[[:alpha:]]", ALPHA), (r"[[:lower:]]", LOWER),
                        (r"[[:upper:]]", UPPER)):
        for c in regex_matches(regex):
            flags[c] |= flag
    for index, category in enumerate(CATEGORIES):
        if category != "Cn":
            for c in regex_matches(r"\p{%s}" % category):
                assert flags[c] >> CATEGORY_SHIFT == 0, hex(c)
                flags[c] |= index << CATEGORY_SHIFT
    white = {c for c in SCALARS if flags[c] & WHITESPACE}
    assert regex_matches(r"\s") == white
    decimal = {c for c in SCALARS if flags[c] >> CATEGORY_SHIFT == CATEGORIES.index("Nd")}
    assert regex_matches(r"\d") == decimal
    return flags


def runs(values):
    """[(first, value)]: value holds from first up to the next run."""
    out = []
    for c, value in enumerate(values):
        if not out or out[-1][1] != value:
            out.append((c, value))
    return out


def normal_form(name, text):
    string = NormalizedString(text)
    getattr(string, name)()
    return string.normalized


def one_level(c):
    fields = unicodedata.decomposition(chr(c)).split()
    compatible = bool(fields) and fields[0].startswith("<")
    return [int(x, 16) for x in fields[compatible:]], compatible


def decompositions():
    """Canonical one-level pairs (cp, first, second or 0), which of them compose again (sorted by
    first, second), and full compatibility forms."""
    canonical, compositions, compatibility, pairs = [], [], [], {}
    for c in SCALARS:
        if 0xAC00 <= c <= 0xD7A3:
            continue  # Hangul syllables are arithmetic
        char = chr(c)
        nfd, nfkd = normal_form("nfd", char), normal_form("nfkd", char)
        if nfd != char:
            parts, compatible = one_level(c)
            assert parts and not compatible and len(parts) <= 2, hex(c)
            first, second = (parts + [0])[:2]
            if second != 0 and normal_form("nfc", chr(first) + chr(second)) == char:
                compositions.append((first, second, len(canonical)))
            canonical.append((c, first, second))
            pairs[c] = parts
        if nfkd != nfd:
            compatibility.append((c, [ord(x) for x in nfkd]))

    def expand(c):
        return [y for x in pairs[c] for y in expand(x)] if c in pairs else [c]

    for c in pairs:
        assert normal_form("nfd", chr(c)) == "".join(map(chr, expand(c))), hex(c)
    return canonical, [index for _, _, index in sorted(compositions)], compatibility


def combining_classes():
    """The classes by which HF reorders: Python's where HF knows the mark (it reorders it)."""
    classes = [0] * (LAST + 1)
    for c in SCALARS:
        k = unicodedata.combining(chr(c))
        if k == 0:
            continue
        # U+0334 has class 1 and U+0345 class 240, the lowest and highest: each must pass or stay.
        low, high = "\u0334", "\u0345"
        moved_low = normal_form("nfd", chr(c) + low) == low + normal_form("nfd", chr(c))
        moved_high = normal_form("nfd", high + chr(c)) == normal_form("nfd", chr(c)) + high
        # Only the marks that share the probe's own class cannot pass it.
        moved = moved_high if k == 1 else moved_low if k == 240 else moved_low and moved_high
        if not moved:
            continue  # newer than HF's tables: a starter to it
        classes[c] = k
    return classes


def lowercase():
    """Runs (first, last, step, delta) of single mappings, and the multi-character ones."""
    lower = normalizers.Lowercase()
    single, multiple = [], []
    for c in SCALARS:
        text = lower.normalize_str(chr(c))
        if len(text) > 1:
            multiple.append((c, [ord(x) for x in text]))
        elif text != chr(c):
            delta = ord(text) - c
            if single and single[-1][3] == delta:
                first, last, step, _ = single[-1]
                gap = c - last
                if gap <= 2 and (step == gap or first == last):
                    single[-1] = (first, c, gap, delta)
                    continue
            single.append((c, c, 1, delta))
    assert multiple == [(0x130, [0x69, 0x307])], multiple
    return single


def emit(out, name, element, items):
    out.write("constexpr %s %s[] = {\n" % (element, name))
    line = "   "
    for item in items:
        if len(line) + len(item) + 1 > 100:
            out.write(line + "\n")
            line = "   "
        line += " " + item if line == "   " else item
        line += ","
    out.write(line + "\n};\n\n")


def braces(values):
    return "{" + ",".join(map(str, values)) + "}"


def start(folder, name):
    out = open(os.path.join(folder, name), "w", encoding="ascii")
    out.write("// Generated by scripts/goldens/tokenizer_unicode_tables.py from tokenizers 0.23.3; do "
              "not edit.\n// clang-format off\n\n")
    return out


def write_properties(folder):
    flags = properties()
    palette = sorted(set(flags))
    with start(folder, "code_points.inc") as out:
        emit(out, "kPropertyPalette", "uint32_t", map(str, palette))
        emit(out, "kPropertyRuns", "Run", [braces((c, palette.index(f))) for c, f in runs(flags)])
        emit(out, "kCombiningClassRuns", "Run", [braces(r) for r in runs(combining_classes())])
        emit(out, "kLowercaseRuns", "LowercaseRun", [braces(r) for r in lowercase()])
        out.write("// clang-format on\n")


def write_normal_forms(folder):
    canonical, compositions, compatibility = decompositions()
    pool, entries = [], []
    for c, parts in compatibility:
        entries.append(braces((c, len(pool))))
        pool.extend(parts)
    entries.append(braces((LAST + 1, len(pool))))
    with start(folder, "normal_forms.inc") as out:
        emit(out, "kCanonicalPairs", "CanonicalPair", [braces(r) for r in canonical])
        emit(out, "kCompositionOrder", "uint16_t", map(str, compositions))
        emit(out, "kCompatibilityEntries", "CompatibilityEntry", entries)
        emit(out, "kCompatibilityPool", "char32_t", map(str, pool))
        out.write("// clang-format on\n")


def main():
    write_properties(sys.argv[1])
    write_normal_forms(sys.argv[1])


if __name__ == "__main__":
    main()
