"""Known bug B56: --override and the sweeps of an index never touch what is not theirs."""
import json
import os
import shutil
import subprocess
import time

from cli_case import PROGRAM, SAMPLE, CliCase, tree


class Overriding(CliCase):
    """B56: --override never touches what is not an index of ours."""

    def setUp(self):
        super().setUp()
        self.corpus = self.write_records("docs.jsonl", [{"_id": "a", "text": "one"}, {"_id": "b", "text": "two"}])

    def override(self, index, corpus=None, **options):
        return self.call("index", index, "--model", "mini", corpus or self.corpus, "--override", **options)

    def refused(self, index):
        done = self.override(index)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("not an index", done.stderr.decode())

    def test_b56_folders_with_other_files_are_refused_untouched(self):
        self.write("home/notes.txt", "mine")
        self.write("home/sub/more.txt", "mine too")
        before = tree(self.path("home"))
        for index in (self.path("home"), self.path("home") + "/", self.path("home", "."),
                      self.path("home", "sub", ".."), self.path("home", "a", "..", "..", "home"), "/", "/tmp"):
            self.refused(index)
        self.assertEqual(tree(self.path("home")), before)

    def test_b56_an_empty_name_is_wrong_usage(self):
        self.assertEqual(self.override("").returncode, 2)

    def test_b56_a_file_is_refused_untouched(self):
        file = self.write("file", "mine")
        self.refused(file)
        with open(file, encoding="utf-8") as content:
            self.assertEqual(content.read(), "mine")

    def test_b56_a_symbolic_link_is_refused_and_its_target_untouched(self):
        target, link = self.path("target"), self.path("link")
        self.run_ok("index", target, "--model", "mini", self.corpus)
        os.symlink(target, link)
        before = tree(target)
        for index in (link, link + "/"):
            self.assertEqual(self.override(index).returncode, 1)
        self.assertTrue(os.path.islink(link))
        self.assertEqual(tree(target), before)

    def test_b56_a_foreign_file_inside_an_index_survives(self):
        index = self.path("idx")
        self.run_ok("index", index, "--model", "mini", self.corpus)
        self.write("idx/diary.txt", "mine")
        done = self.override(index)
        kept = [os.path.join(folder, "diary.txt") for folder, _, names in os.walk(self.path())
                if "diary.txt" in names]
        self.assertEqual(len(kept), 1, done.stderr)
        with open(kept[0], encoding="utf-8") as content:
            self.assertEqual(content.read(), "mine")
        self.run_ok("search", index, "one")

    def test_b56_a_failing_input_leaves_the_old_index(self):
        index = self.path("idx")
        self.run_ok("index", index, "--model", "mini", self.corpus)
        before = tree(index)
        for bad in (self.write("bad.jsonl", '{"_id": "1", "text": "x"}\n{"_id":\n'), self.path("absent.jsonl"),
                    self.write("empty.jsonl", "")):
            done = self.override(index, bad)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(tree(index), before)
        self.assertEqual(sorted(os.listdir(self.path())), ["bad.jsonl", "docs.jsonl", "empty.jsonl", "idx"])
        self.run_ok("search", index, "one")

    def test_b56_a_killed_replacement_leaves_the_old_index_and_is_swept(self):
        index = self.path("idx")
        self.run_ok("index", index, "--model", "mini", self.corpus)
        before = tree(index)
        leftover = self.path(".idx.replacement")
        shutil.copytree(index, leftover)  # what a kill just before the rename leaves
        self.run_ok("search", index, "one")
        self.assertEqual(tree(index), before)
        self.assertEqual(self.override(index).returncode, 0)
        self.assertFalse(os.path.exists(leftover))
        self.write(".idx.replacement/mine.txt", "mine")
        done = self.override(index)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(os.path.exists(self.path(".idx.replacement", "mine.txt")))

    def test_b56_a_replacement_killed_midway_leaves_the_old_index(self):
        index = self.path("idx")
        self.run_ok("index", index, "--model", "mini", self.corpus)
        before = tree(index)
        victim = subprocess.Popen([PROGRAM, "index", index, "--model", "mini", "--override",
                                   os.path.join(SAMPLE, "corpus.jsonl")], stderr=subprocess.DEVNULL)
        while victim.poll() is None and not os.path.exists(self.path(".idx.replacement")):
            time.sleep(0.01)
        second = self.override(index)
        victim.kill()
        self.assertNotEqual(victim.wait(), 0, "it was done before it could be killed")
        self.assertEqual(second.returncode, 1, second.stderr)
        after = tree(index)
        self.assertNotEqual(after.pop("lock"), before.pop("lock"))  # it was held; its number means nothing now
        self.assertEqual(after, before)
        self.assertEqual(self.override(index).returncode, 0)
        self.assertEqual(sorted(os.listdir(self.path())), ["docs.jsonl", "idx"])

    def test_b56_a_foreign_file_inside_segments_survives(self):
        for foreign in ("note.txt", os.path.join("mine", "thesis.txt"), os.path.join("000099", "x")):
            index = self.path("idx-" + foreign.replace("/", "-"))
            self.run_ok("index", index, "--model", "mini", self.corpus)
            path = os.path.join(index, "segments", foreign)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write("keep me")
            done = self.override(index)
            self.assertEqual(done.returncode, 1)
            self.assertIn("segments/" + foreign.split("/", maxsplit=1)[0], done.stderr.decode())
            self.run_ok("index", index, self.corpus)
            self.run_ok("compact", index)
            self.assertTrue(os.path.exists(path), foreign)

    def test_b56_symbolic_links_inside_an_index_are_not_followed(self):
        index = self.path("idx")
        self.run_ok("index", index, "--model", "mini", self.corpus)
        victim = self.write("victim", "keep me")
        os.remove(os.path.join(index, "lock"))
        os.symlink(victim, os.path.join(index, "lock"))
        self.assertIn("symbolic link", self.run_error(1, "remove", index, "a"))
        with open(victim, encoding="utf-8") as file:
            self.assertEqual(file.read(), "keep me")
        os.remove(os.path.join(index, "lock"))
        photos = self.write("photos/20240101", "keep me")
        os.rename(os.path.join(index, "segments"), self.path("moved"))
        os.symlink(self.path("photos"), os.path.join(index, "segments"))
        self.call("index", index, self.corpus)
        self.assertEqual(self.override(index).returncode, 1)
        self.assertTrue(os.path.exists(photos))

    def test_b56_a_name_that_looks_like_a_uri_is_a_name(self):
        def run(*arguments):
            done = subprocess.run([PROGRAM, *arguments], cwd=self.path(), capture_output=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout.decode()
        run("index", "evil", "--model", "mini", self.corpus)
        run("index", "file:evil", "--model", "mini", self.corpus)
        run("remove", "file:evil", "a")
        self.assertEqual(json.loads(run("inspect", "evil", "--json"))["documents"], 2)
        self.assertEqual(json.loads(run("inspect", "file:evil", "--json"))["documents"], 1)

    def test_b56_an_index_may_be_replaced_from_inside(self):
        index = self.path("idx")
        self.run_ok("index", index, "--model", "mini", self.corpus)
        for name in (".", "../idx"):
            done = subprocess.run([PROGRAM, "index", name, "--model", "mini", self.corpus, "--override"],
                                  cwd=index, capture_output=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.run_ok("verify", index)

    def test_b56_a_leftover_of_a_process_of_the_same_number_is_in_nobodys_way(self):
        index = self.path("idx")
        script = 'mkdir "$1/.idx.tmp-$$-0"; exec "$2" index "$1/idx" --model mini "$3"'
        done = subprocess.run(["sh", "-c", script, "sh", self.path(), PROGRAM, self.corpus],
                              capture_output=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.run_ok("verify", index)

    def test_b56_odd_names_work(self):
        for name in ("é", "with space", "line\nbreak", "-dash", "..name", "a;b$(c)"):
            index = self.path(name)
            for _ in range(2):
                self.assertEqual(self.override(index).returncode, 0, name)
            self.assertIn("a", self.run_ok("search", index, "one"))
        self.assertEqual(sorted(os.listdir(self.path())),
                         sorted(["docs.jsonl", "é", "with space", "line\nbreak", "-dash", "..name", "a;b$(c)"]))

    def test_b56_the_folder_above_may_be_missing_and_relative_names_work(self):
        self.run_ok("index", self.path("indexes", "colbert"), "--model", "mini", self.corpus)
        self.assertTrue(os.path.exists(self.path("indexes", "colbert", "maxsimd.json")))
        here = os.getcwd()
        os.chdir(self.path())
        try:
            self.assertEqual(self.override("indexes/colbert").returncode, 0)
            self.assertEqual(self.override("./new").returncode, 0)
        finally:
            os.chdir(here)
        self.run_ok("search", self.path("new"), "one")
