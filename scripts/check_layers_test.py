#!/usr/bin/env python3
"""Proves that check_layers.py fails on each kind of violation: every case is a small bad tree.

    python3 scripts/check_layers_test.py
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("check_layers.py")
TABLE = """# A document
| room | may include | headers from outside the standard library, and only there |
| --- | --- | --- |
| `base` | | `unistd.h` `sys/*` |
| `text` | `base` | `utf8proc.h` |
| `search` | `base` | |
| `training` | `base`, `text` | `torch/*` |
| `maxsimd.h` | `base`, `text`, `search` | |
| `cli` | `base`, `text`, `search` | `CLI/*` |
| `cli/train` | `base`, `text`, `search`, `training`, `cli` | `CLI/*` |

| another | table |
"""
GOOD = {
    "maxsimd/base/json.h": '#include <nlohmann/json_fwd.hpp>\n#include <vector>\n',
    "maxsimd/base/file.cpp": '#include <sys/mman.h>\n#include "maxsimd/base/json.h"\n',
    "maxsimd/base/file_test.cpp": '#include <gtest/gtest.h>\n#include <nlohmann/json.hpp>\n',
    "maxsimd/text/words_testing.h": '#include <gtest/gtest.h>\n',
    "maxsimd/text/words_test.cpp":
        '#include "maxsimd/text/words_testing.h"\n#include "tests/support/tiny.h"\n',
    "maxsimd/text/unicode.h": '#pragma once\n#include <utf8proc.h>\n',
    "maxsimd/text/words.h": '#pragma once\n#include "maxsimd/base/json.h"\n',
    "maxsimd/text/words.cpp": '#include "maxsimd/text/unicode.h"\n',
    "maxsimd/text/CMakeLists.txt": "maxsimd_room(text\n  SOURCES words.cpp\n  ROOMS base)\n",
    "maxsimd/training/trainer.h": '#include <torch/torch.h>\n',
    "maxsimd/maxsimd.h": '#include "maxsimd/text/words.h"\n',
    "cli/main.cpp": '#include <CLI/CLI.hpp>\n#include "maxsimd/text/words.h"\n',
    "cli/train/main.cpp": '#include "maxsimd/base/json.h"\n',
}


def check(extra, table=TABLE):
    """Runs the script on the good tree plus `extra` files; returns (exit code, output)."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**GOOD, **extra, "docs/architecture.md": table}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, SCRIPT, "--root", root], text=True,
                              capture_output=True, check=False)
        return done.returncode, done.stdout + done.stderr


class CheckLayers(unittest.TestCase):
    def refuses(self, name, text, place, message):
        code, output = check({name: text})
        self.assertEqual(code, 1, output)
        self.assertIn(f"{place}: ", output)
        self.assertIn(message, output)
        self.assertIn("1 violations", output)

    def test_accepts_a_tree_that_keeps_the_rules(self):
        code, output = check({})
        self.assertEqual(code, 0, output)
        self.assertIn("0 violations", output)

    def test_refuses_a_room_that_the_row_does_not_name(self):
        self.refuses("maxsimd/text/bad.h", '#pragma once\n#include "maxsimd/search/hit.h"\n',
                     "maxsimd/text/bad.h:2", "does not exist")
        code, output = check({"maxsimd/search/hit.h": "", "maxsimd/text/bad.h":
                              '#pragma once\n  # include "maxsimd/search/hit.h"\n'})
        self.assertEqual(code, 1, output)
        self.assertIn("maxsimd/text/bad.h:2: text may not include search", output)

    def test_refuses_going_up(self):
        self.refuses("maxsimd/base/bad.cpp", '#include "maxsimd/text/words.h"\n',
                     "maxsimd/base/bad.cpp:1", "base may not include text")

    def test_refuses_the_umbrella_header_inside_the_library(self):
        self.refuses("maxsimd/search/bad.cpp", '#include "maxsimd/maxsimd.h"\n',
                     "maxsimd/search/bad.cpp:1", "search may not include maxsimd.h")

    def test_refuses_third_party_code_outside_its_room(self):
        self.refuses("maxsimd/search/bad.cpp", '#include <vector>\n#include <utf8proc.h>\n',
                     "maxsimd/search/bad.cpp:2", "only text may")

    def test_refuses_third_party_code_of_no_room(self):
        self.refuses("maxsimd/search/bad.cpp", "#include <boost/any.hpp>\n",
                     "maxsimd/search/bad.cpp:1", "no room may")

    def test_refuses_a_private_header_of_another_room(self):
        self.refuses("cli/bad.cpp", '#include "maxsimd/text/unicode.h"\n',
                     "cli/bad.cpp:1", "includes utf8proc.h, so only text may include it")

    def test_refuses_json_in_a_header(self):
        self.refuses("maxsimd/search/bad.h", "#include <nlohmann/json.hpp>\n",
                     "maxsimd/search/bad.h:1", "search may not include <nlohmann/json.hpp>")
        self.refuses("maxsimd/search/bad.h", "#include <nlohmann/json_fwd.hpp>\n",
                     "maxsimd/search/bad.h:1", "nlohmann/json_fwd.hpp")

    def test_refuses_googletest_outside_tests(self):
        self.refuses("maxsimd/search/bad.cpp", "#include <gtest/gtest.h>\n",
                     "maxsimd/search/bad.cpp:1", "search may not include <gtest/gtest.h>")

    def test_refuses_test_support_outside_tests(self):
        self.refuses("maxsimd/search/bad.cpp", '#include "tests/support/tiny.h"\n',
                     "maxsimd/search/bad.cpp:1", "spell our own files from the root")
        self.refuses("maxsimd/text/bad.cpp", '#include "maxsimd/text/words_testing.h"\n',
                     "maxsimd/text/bad.cpp:1", "for tests only")

    def test_refuses_training_in_the_program(self):
        trainer = '#include "maxsimd/training/trainer.h"\n'
        self.refuses("cli/bad.cpp", trainer, "cli/bad.cpp:1", "cli may not include training")
        public = {"maxsimd/training/trainer.h": "", "cli/train/verb.cpp": trainer}
        self.assertEqual(check(public)[0], 0)

    def test_refuses_system_headers_outside_their_room(self):
        self.refuses("maxsimd/search/bad.cpp", "#include <sys/mman.h>\n",
                     "maxsimd/search/bad.cpp:1", "only base may")

    def test_refuses_paths_that_do_not_start_at_the_root(self):
        self.refuses("maxsimd/text/bad.cpp", '#include "words.h"\n',
                     "maxsimd/text/bad.cpp:1", "spell our own files from the root")

    def test_refuses_a_room_without_a_row(self):
        self.refuses("maxsimd/utils/strings.h", "#include <string>\n",
                     "maxsimd/utils/strings.h:1", "utils has no row")

    def test_refuses_files_that_include_each_other(self):
        self.refuses("maxsimd/text/words.h", '#include "maxsimd/text/words.h"\n',
                     "maxsimd/text/words.h:1", "files include each other")

    def test_refuses_a_table_with_a_cycle(self):
        code, output = check({}, TABLE.replace("| `base` | |", "| `base` | `search` |"))
        self.assertEqual(code, 1, output)
        self.assertIn("the rooms form a cycle: base -> search -> base", output)

    def test_refuses_a_link_that_the_row_does_not_name(self):
        self.refuses("maxsimd/text/CMakeLists.txt",
                     "\nmaxsimd_room(text\n  ROOMS base search\n  SOURCES words.cpp)\n",
                     "maxsimd/text/CMakeLists.txt:2", "text may not link search")

    def test_says_when_there_is_no_table(self):
        code, output = check({}, "# A document\n")
        self.assertEqual(code, 2, output)
        self.assertIn("no table with the columns", output)


if __name__ == "__main__":
    unittest.main()
