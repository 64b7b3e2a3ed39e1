"""What is in the wheel, and whether it stands alone."""
import io
import json
import os
import pathlib
import re
import subprocess
import unittest
import zipfile

from elftools.elf.elffile import ELFFile
from environment import ROOT, Environment, wheel

MAX_BYTES = 70 << 20

#: Of the system itself, on every Linux (manylinux).
SYSTEM_LIBRARIES = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libpthread.so.0",
                    "libdl.so.2", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}


class Contents(unittest.TestCase):
    def setUp(self):
        self.path = wheel()
        self.archive = zipfile.ZipFile(self.path)
        self.addCleanup(self.archive.close)

    def test_size(self):
        self.assertLessEqual(self.path.stat().st_size, MAX_BYTES)

    def test_files(self):
        names = set(self.archive.namelist())
        for name in ("maxsimd/py.typed", "maxsimd/_maxsimd.pyi", "maxsimd/bin/maxsimd",
                     "maxsimd/share/maxsimd/models/mini/model.safetensors",
                     "maxsimd/share/maxsimd/models/mini/LICENSE",
                     "maxsimd/share/maxsimd/examples/data/LICENSE"):
            self.assertIn(name, names)
        info = next(name.split("/")[0] for name in names if name.endswith(".dist-info/METADATA"))
        metadata = self.archive.read(f"{info}/METADATA").decode()
        self.assertIn("License-Expression: Apache-2.0 AND CC-BY-SA-4.0", metadata)
        self.assertEqual([line for line in metadata.splitlines() if line.startswith("Requires-Dist")
                          ], ["Requires-Dist: numpy>=1.23"])
        for name in ("LICENSE", "THIRD_PARTY.md", "python/LICENSES.txt"):
            self.assertIn(f"{info}/licenses/{name}", names)
        strays = [name for name in names if not name.startswith(("maxsimd/", info)) or
                  name.endswith((".pyc", ".a", ".h", ".cpp"))]
        self.assertEqual(strays, [])

    def test_only_libraries_of_the_system_are_needed(self):
        checked = []
        for name in self.archive.namelist():
            if not name.endswith("/bin/maxsimd") and ".so" not in pathlib.PurePath(name).suffixes:
                continue
            content = self.archive.read(name)
            checked.append(name)
            dynamic = ELFFile(io.BytesIO(content)).get_section_by_name(".dynamic")
            needed = {tag.needed for tag in dynamic.iter_tags("DT_NEEDED")}
            beside = {pathlib.PurePath(other).name for other in self.archive.namelist()
                      if pathlib.PurePath(other).parent == pathlib.PurePath(name).parent}
            self.assertLessEqual(needed, SYSTEM_LIBRARIES | beside, name)
        self.assertGreaterEqual(len(checked), 2)  # the command and the module


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.environment = Environment()
        cls.addClassCleanup(cls.environment.close)

    def test_the_program_finds_the_model_and_the_sample(self):
        out = self.environment.run("maxsimd", "demo").stdout
        self.assertGreater(len(out.splitlines()), 10)

    def test_its_verbs_and_options_are_those_of_the_build(self):
        program = os.environ.get("MAXSIMD_PROGRAM", ROOT / "build" / "release" / "bin" / "maxsimd")
        if not pathlib.Path(program).is_file():
            self.skipTest(f"NOT TESTED: no program of the C++ build: {program}")

        def help_of(*verb):
            built = subprocess.run([program, *verb, "--help"], text=True, capture_output=True,
                                   check=True).stdout
            return self.environment.run("maxsimd", *verb, "--help").stdout, built

        own, built = help_of()
        self.assertEqual(own, built)
        verbs = re.findall(r"^  ([a-z]+)  ", built.split("Subcommands:")[1], re.MULTILINE)
        self.assertGreater(len(verbs), 15)
        for verb in verbs:
            if verb == "train":  # another program, which the wheel does not carry, says what it takes
                continue
            with self.subTest(verb):
                own, built = help_of(verb)
                self.assertEqual(own, built)

    def test_an_index_of_the_package_and_of_the_program_are_one(self):
        self.environment.python("-c", """if True:
            from maxsimd import indexes, models
            texts = ["owls eat mice", "the moon is far away"]
            index = indexes.Exact("indexes", "both", override=True)
            index.add_documents(["a", "b"], models.ColBERT("mini").encode(texts, is_query=False))
            """)
        out = self.environment.run("maxsimd", "search", "indexes/both", "what do owls eat?",
                                   "--model", "mini", "--json").stdout
        self.assertEqual([hit["id"] for hit in json.loads(out)["hits"]], ["a", "b"])

    def test_exit_codes_come_through(self):
        done = self.environment.python("-c", "import subprocess as s; "
                                       "print(s.run(['maxsimd', 'no-such-verb']).returncode)")
        self.assertEqual(done.strip(), "2")


if __name__ == "__main__":
    unittest.main()
