"""The known bugs of test_index_bugs.py on indexes of the other kinds."""
import unittest

import test_index_bugs as bugs

PLAID = ("--kind", "plaid", "--nbits", "4")
HNSW = ("--kind", "hnsw", "--m", "4")


class ReplacingPlaid(bugs.Replacing):
    FORM = PLAID


class ReplacingHnsw(bugs.Replacing):
    FORM = HNSW


class RetrievingPlaid(bugs.Retrieving):
    FORM = PLAID


class RetrievingHnsw(bugs.Retrieving):
    FORM = HNSW


class SmallPlaid(bugs.Small):
    FORM = PLAID
    FORMS = tuple(("--kind", "plaid", "--nbits", nbits) for nbits in ("4", "2", "1")) + (("--kind", "plaid", "--codec", "int8"),)


class SmallHnsw(bugs.Small):
    FORM = HNSW
    FORMS = (HNSW, ("--kind", "hnsw"))


class EmptyPlaid(bugs.Empty):
    FORM = PLAID


class EmptyHnsw(bugs.Empty):
    FORM = HNSW


def load_tests(loader, _, __):
    """Those of this file, not those it takes them from."""
    kinds = (ReplacingPlaid, ReplacingHnsw, RetrievingPlaid, RetrievingHnsw, SmallPlaid, SmallHnsw, EmptyPlaid, EmptyHnsw)
    return unittest.TestSuite(loader.loadTestsFromTestCase(kind) for kind in kinds)


if __name__ == "__main__":
    unittest.main()
