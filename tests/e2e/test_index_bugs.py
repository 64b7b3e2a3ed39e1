"""Known bugs of other engines, on index folders (B.. are their numbers); of kind exact, and test_index_bugs_of_kinds.py."""
import json
import os
import random
import sqlite3
import struct
import unittest
import zipfile

from cli_case import CliCase, tree, write_npz

DIM = 8


def unit(axis, dim=DIM):
    """e_axis."""
    return [1.0 if i == axis else 0.0 for i in range(dim)]


class BareCase(CliCase):
    """Indexes of written-out vectors."""

    FORM = ()  # flags of a new index

    def setUp(self):
        super().setUp()
        self.index = self.path("idx")

    def add(self, items, *flags):
        return self.run_ok("index", self.index, "--embeddings", write_npz(self.path("in.npz"), items), *self.form(), *flags)

    def form(self):
        return () if os.path.exists(self.index) else self.FORM

    def ask(self, queries, *flags):
        """One list of (id, score) for each query, a list of rows."""
        npz = write_npz(self.path("q.npz"), [(str(i), rows) for i, rows in enumerate(queries)])
        lines = self.run_ok("search", self.index, "--query-embeddings", npz, "--json", *flags).splitlines()
        answers = [json.loads(line) for line in lines]
        self.assertEqual([answer["query_id"] for answer in answers], [str(i) for i in range(len(queries))])
        return [[(hit["id"], hit["score"]) for hit in answer["hits"]] for answer in answers]

    def documents(self):
        return json.loads(self.run_ok("inspect", self.index, "--json"))["documents"]


class Replacing(BareCase):
    def check_axes(self, live):
        """Every live id is found by its own axis with score 1, and nothing else is there."""
        for (doc, axis), hits in zip(live, self.ask([[unit(axis)] for _, axis in live])):
            self.assertEqual(hits[0], (doc, 1.0))
            self.assertCountEqual([name for name, _ in hits], [name for name, _ in live])
        self.assertEqual(self.documents(), len(live))

    def test_b27_removing_never_moves_ids(self):
        self.add([(str(i), [unit(i)]) for i in range(3)])
        self.add([(str(i), [unit(i)]) for i in range(3, 5)])
        live = [(str(i), i) for i in range(5)]
        for ids in (["1"], ["0"], ["4"], ["2", "2", "nope"]):
            self.run_ok("remove", self.index, *ids)
            live = [pair for pair in live if pair[0] not in ids]
            self.check_axes(live)
        self.run_ok("remove", self.index, "3", "nope")
        self.assertEqual(self.ask([[unit(1)]]), [[]])
        self.add([("9", [unit(1)])])
        self.check_axes([("9", 1)])
        self.run_ok("verify", self.index)

    def test_b28_adding_an_id_again_replaces_it(self):
        self.add([("a", [unit(0)]), ("b", [unit(3)])])
        self.add([("a", [unit(1), unit(2)])])
        self.assertEqual(dict(self.ask([[unit(0)]])[0])["a"], 0.0)
        self.assertEqual(self.ask([[unit(1)], [unit(2)]], "--k", "1"), [[("a", 1.0)], [("a", 1.0)]])
        self.assertEqual(self.documents(), 2)
        self.run_ok("remove", self.index, "a")
        self.assertEqual(self.ask([[unit(0)]]), [[("b", 0.0)]])
        self.add([("a", [unit(0)])])
        self.assertEqual(self.ask([[unit(0)]], "--k", "1"), [[("a", 1.0)]])

    def test_b28_of_one_id_twice_in_a_file_of_embeddings_the_last_stays(self):
        self.add([("a", [unit(0)]), ("b", [unit(3)]), ("a", [unit(1)])])
        self.assertEqual(self.documents(), 2)
        self.assertEqual(self.ask([[unit(1)]], "--k", "1"), [[("a", 1.0)]])
        self.run_ok("verify", self.index)

    def test_b28_fifty_readds_take_no_more_than_twice_the_space_after_compaction(self):
        items = [(str(i), [unit(i % DIM)] * 50) for i in range(20)]
        self.add(items)
        fresh = sum(map(len, tree(self.index).values()))
        for _ in range(50):
            self.add([("0", [unit(0)] * 50)])
        self.run_ok("compact", self.index)
        self.assertLessEqual(sum(map(len, tree(self.index).values())), 2 * fresh)
        self.assertEqual(self.documents(), 20)

    def test_b29_a_rebuilt_index_holds_only_what_is_new(self):
        self.add([(f"old{i}", [unit(i)]) for i in range(7)])
        self.add([(str(i), [unit(i)]) for i in range(5)], "--override")
        for k in ("5", "10"):
            hits = self.ask([[unit(4)]], "--k", k)[0]
            self.assertEqual(hits[0], ("4", 1.0))
            self.assertCountEqual([doc for doc, _ in hits], ["0", "1", "2", "3", "4"])
        self.assertEqual([name for name in os.listdir(self.path()) if name.startswith(".")], [])

    def test_b29_integer_ids_come_back_as_integers_and_mixes_are_refused(self):
        self.add([(7, [unit(0)]), (8, [unit(1)])], "--integer-ids")
        self.assertEqual(self.ask([[unit(1)]])[0][0], (8, 1.0))
        before = tree(self.index)
        npz = write_npz(self.path("s.npz"), [("7", [unit(2)])])
        self.assertIn("integer", self.run_error(1, "index", self.index, "--embeddings", npz))
        self.assertEqual(self.ask([[unit(1)]])[0][0], (8, 1.0))
        self.assertEqual(before.keys(), tree(self.index).keys())
        self.run_ok("remove", self.index, "7")
        self.assertEqual(self.documents(), 1)
        self.index = self.path("texts")
        self.add([(7, [unit(0)])])  # numbers become texts unless asked otherwise
        self.assertEqual(self.ask([[unit(0)]]), [[("7", 1.0)]])
        self.assertIn("string", self.run_error(1, "index", self.index, "--embeddings",
                                               write_npz(self.path("i.npz"), [(1, [unit(0)])]), "--integer-ids"))
        self.assertIn("x1", self.run_error(1, "index", self.path("new"), "--integer-ids", "--embeddings",
                                           write_npz(self.path("i.npz"), [("x1", [unit(0)])])))

    def test_b37_another_width_is_refused_by_name_and_nothing_is_written(self):
        self.add([("a", [unit(0)])])
        wide = write_npz(self.path("wide.npz"), [("x", [unit(0, 12)])])
        message = self.run_error(1, "index", self.index, "--embeddings", wide)
        self.assertIn("index dim 8, got 12", message)
        self.assertIn("index dim 8, got 12", self.run_error(1, "search", self.index, "--query-embeddings", wide))
        self.assertIn("index dim 8, got 96", self.run_error(1, "search", self.index, "q", "--model", "mini"))
        self.assertIn("dim 12", self.run_error(1, "index", self.path("new"), "--embeddings", wide,
                                               "--model", "mini"))
        self.assertFalse(os.path.exists(self.path("new")))
        self.assertEqual(self.documents(), 1)

    def test_b54_values_that_are_not_finite_are_refused_by_name_and_nothing_is_written(self):
        npz = write_npz(self.path("nan.npz"), [("good", [unit(0)]), ("bad", [[float("nan")] * DIM])])
        self.assertIn("'bad'", self.run_error(1, "index", self.index, "--embeddings", npz))
        self.assertFalse(os.path.exists(self.index))

    def test_deflated_and_stored_embeddings_give_the_same_index(self):
        items = [(f"d{i}", [unit(i % DIM), unit((i + 1) % DIM)]) for i in range(100)]
        self.add(items)
        first = self.ask([[unit(3), unit(4)]], "--k", "100")
        npz = write_npz(self.path("deflated.npz"), items, deflated=True)
        self.run_ok("index", self.index, "--embeddings", npz, "--override", *self.FORM)
        self.assertEqual(self.ask([[unit(3), unit(4)]], "--k", "100"), first)


class Retrieving(BareCase):
    def test_b35_k_beyond_the_index_gives_all_live_documents_and_no_filler(self):
        self.add([(str(i), [unit(i)]) for i in range(3)])
        for k, expected in (("1", 1), ("3", 3), ("4", 3), ("10", 3), ("1000000000", 3)):
            hits = self.ask([[unit(2)]], "--k", k)[0]
            self.assertEqual(len(hits), expected)
            self.assertEqual(hits[0], ("2", 1.0))
            self.assertEqual(len(set(hits)), expected)
        self.run_ok("remove", self.index, "0", "2")
        self.assertEqual(self.ask([[unit(2)]], "--k", "1"), [[("1", 0.0)]])

    def test_b36_the_first_ten_are_the_same_for_every_k(self):
        source = random.Random(36)
        vectors = [[[source.gauss(0, 1) for _ in range(DIM)] for _ in range(3)] for _ in range(801)]
        self.add([(f"d{i}", rows) for i, rows in enumerate(vectors[1:])])
        lists = {k: self.ask([vectors[0]], "--k", str(k))[0] for k in (1, 10, 128, 129, 200, 500, 800, 900)}
        for k, hits in lists.items():
            self.assertEqual(len(hits), min(k, 800))
            self.assertEqual(hits[:10], lists[800][:k][:10])

    def test_b38_queries_of_different_length_do_not_see_each_other(self):
        self.add([(f"d{i}", [unit(i % DIM), unit((i * 3 + 1) % DIM)][:1 + i % 2]) for i in range(30)])
        queries = [[unit(0)] * 3, [unit(i % DIM) for i in range(32)], [unit(5)] * 7]
        alone = [self.ask([query])[0] for query in queries]
        for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0), (1, 1, 0)):
            self.assertEqual(self.ask([queries[i] for i in order]), [alone[i] for i in order])
        many = self.ask([queries[i % 3] for i in range(600)])
        self.assertEqual(many, [alone[i % 3] for i in range(600)])


class Small(BareCase):
    """B26, for every codec: small and repetitive collections build and answer."""

    FORMS = tuple(("--codec", codec) for codec in ("float32", "float16", "int8"))

    def check_own_rows_come_first(self, documents, dim, twins=1):
        for form in self.FORMS:
            self.run_ok("index", self.index, "--embeddings", write_npz(self.path("in.npz"), documents), *form, "--override")
            self.assertEqual(self.documents(), len(documents))
            for (name, _), hits in zip(documents, self.ask([rows for _, rows in documents], "--k", "2000")):
                self.assertEqual(len(hits), len(documents))
                self.assertIn(name, [found for found, _ in hits[:twins]])
            self.run_ok("verify", self.index)

    def rows(self, source, count, dim):
        """Rows of length 1."""
        made = [[source.gauss(0, 1) for _ in range(dim)] for _ in range(count)]
        return [[value / sum(x * x for x in row) ** 0.5 for value in row] for row in made]

    def test_b26_one_document_of_one_row(self):
        self.check_own_rows_come_first([("a", [unit(1)])], DIM)

    def test_b26_two_identical_documents_come_in_the_order_of_adding(self):
        rows = self.rows(random.Random(26), 5, DIM)
        self.check_own_rows_come_first([("a", rows), ("b", rows)], DIM, twins=2)
        self.assertEqual([name for name, _ in self.ask([rows])[0]], ["a", "b"])

    def test_b26_a_thousand_copies_of_one_vector(self):
        self.check_own_rows_come_first([(f"d{i}", [unit(3)] * 10) for i in range(100)], DIM, twins=100)

    def test_b26_dims_that_fill_no_block(self):
        source = random.Random(27)
        for dim in (1, 7, 96, 100):
            documents = [(f"d{i}", self.rows(source, 4 + i % 2, dim)) for i in range(12)]
            self.check_own_rows_come_first(documents, dim, twins=12 if dim == 1 else 1)

    def test_b26_one_short_text(self):
        corpus = self.write_records("c.jsonl", [{"_id": "t", "text": "This is a test."}])
        self.run_ok("index", self.index, "--model", "mini", corpus, *self.FORM)
        hits = self.run_ok("search", self.index, "This is a test.").splitlines()
        self.assertEqual([line.split("\t")[2] for line in hits], ["t"])


class Damaged(BareCase):
    def test_b30_a_truncated_file_is_named_and_never_searched(self):
        self.add([(f"d{i}", [unit(i % DIM)] * 3) for i in range(200)])
        whole = tree(self.index)
        asked = write_npz(self.path("q.npz"), [("q", [unit(0)])])
        for name, content in whole.items():
            if name == "lock":
                continue  # its content means nothing
            last = 2 if name == "maxsimd.json" else 1  # a line end more or less is no damage
            for size in (len(content) - last, 0):
                path = os.path.join(self.index, name)
                with open(path, "wb") as file:
                    file.write(content[:size])
                done = self.call("search", self.index, "--query-embeddings", asked)
                self.assertEqual(done.returncode, 1, f"{name} cut to {size}: {done.stdout}")
                self.assertIn(os.path.basename(name), done.stderr.decode())
                self.assertEqual(self.call("verify", self.index).returncode, 1, name)
                with open(path, "wb") as file:
                    file.write(content)
        self.run_ok("verify", self.index)

    def test_b30_a_state_that_cannot_be_is_told_and_verify_ends(self):
        self.add([(f"d{i}", [unit(i % DIM)]) for i in range(20)])
        catalog = sqlite3.connect(os.path.join(self.index, "catalog.sqlite"))
        with catalog:
            catalog.execute("UPDATE state SET purged_commit = 1000000")
        catalog.close()
        self.assertIn("the row of the last commit is damaged", self.run_error(1, "inspect", self.index))
        self.assertEqual(self.call("verify", self.index).returncode, 1)


class Empty(BareCase):
    """B23: texts of which little or nothing is left keep their place, and are removed like others."""

    TEXTS = ["", "   ", "\t\n", "...", "\u200b", "ok"]

    def found(self, *flags):
        (line,) = self.run_ok("search", self.index, "ok", "--json", *flags).splitlines()
        return [hit["id"] for hit in json.loads(line)["hits"]]

    def test_b23_empty_texts_are_stored_found_and_removed(self):
        corpus = self.write_records("c.jsonl", [{"_id": f"d{i}", "text": text} for i, text in enumerate(self.TEXTS)])
        self.run_ok("index", self.index, "--model", "mini", "--store-text", corpus, *self.FORM)
        before = self.found("--k", "10")
        self.assertEqual(before[0], "d5")
        self.assertCountEqual(before, [f"d{i}" for i in range(6)])
        self.assertEqual(self.found("--k", "10"), before)
        self.run_ok("remove", self.index, "d0", "d1", "d2", "d3", "d4")
        self.assertEqual(self.found("--k", "10"), ["d5"])
        self.run_ok("compact", self.index)
        self.run_ok("verify", self.index)
        self.assertEqual(self.found("--k", "10"), ["d5"])

    def test_b23_documents_of_no_rows_come_last_and_shift_nobody(self):
        self.add([("none", []), ("a", [unit(0)]), ("nothing", []), ("b", [unit(1)])])
        for axis, first in ((0, "a"), (1, "b")):
            names = [name for name, _ in self.ask([[unit(axis)]], "--k", "10")[0]]
            self.assertEqual(names[0], first)
            self.assertEqual(names[2:], ["none", "nothing"])
        self.run_ok("remove", self.index, "none")
        self.assertEqual([name for name, _ in self.ask([[unit(1)]])[0]], ["b", "a", "nothing"])
        self.run_ok("verify", self.index)


class Inputs(CliCase):
    """B58 and B59: what is in the file is what is found."""

    def index_ids(self, *inputs, flags=()):
        index = self.path(f"idx{len(os.listdir(self.path()))}")
        self.run_ok("index", index, "--model", "mini", *inputs, *flags)
        (line,) = self.run_ok("search", index, "text", "--k", "100", "--json").splitlines()
        return sorted(hit["id"] for hit in json.loads(line)["hits"])

    def test_b58_files_from_windows_lose_no_record(self):
        path = self.write("w.jsonl", b'\xef\xbb\xbf{"_id":"1","title":"","text":"a"}\r\n\r\n{"_id":"2","text":"b\xe2\x80\xa8c"}')
        self.assertEqual(self.index_ids(path), ["1", "2"])

    def test_b58_number_ids_become_texts_unless_integer_ids(self):
        path = self.write("n.jsonl", '{"_id": 7, "text": "a"}\n{"_id": 8, "text": "b"}\n')
        self.assertEqual(self.index_ids(path), ["7", "8"])
        self.assertEqual(self.index_ids(path, flags=["--integer-ids"]), [7, 8])

    def test_b58_bad_lines_stop_before_anything_is_made_or_are_listed(self):
        path = self.write("b.jsonl", '{"_id":"1","text":"a"}\n{"_id":\n{"_id":"1","text":"again"}\n{"_id":"3","text":"c"}\n')
        self.assertIn("b.jsonl:2", self.run_error(1, "index", self.path("x"), "--model", "mini", path))
        self.assertFalse(os.path.exists(self.path("x")))
        done = self.call("index", self.path("x"), "--model", "mini", path, "--skip-bad")
        self.assertEqual(done.returncode, 0)
        self.assertIn("b.jsonl:2", done.stderr.decode())
        self.assertIn("b.jsonl:3", done.stderr.decode())
        self.assertIn("2 documents added", done.stderr.decode())

    def test_b58_empty_and_utf16_files_are_errors(self):
        self.assertIn("no documents", self.run_error(
            1, "index", self.path("x"), "--model", "mini", self.write("e.jsonl", "")))
        self.assertIn("UTF-16", self.run_error(
            1, "index", self.path("x"), "--model", "mini", self.write("u.jsonl", "{}\n".encode("utf-16"))))

    def test_b59_ids_of_a_tsv_are_those_of_the_file(self):
        path = self.write("c.tsv", 'id\ttext\n0\ta ""Bond"" film\n1\t"open quote\n5\tgap in ids\nabc\tstring id\n')
        self.assertEqual(self.index_ids(path), ["0", "1", "5", "abc"])
        self.assertIn("bad.tsv:2", self.run_error(
            1, "index", self.path("x"), "--model", "mini", self.write("bad.tsv", "0\ta\nno tab\n")))

    def test_several_inputs_make_one_index_and_share_their_ids(self):
        one = self.write("one.jsonl", '{"_id":"a","text":"x"}\n')
        self.write("notes/two.txt", "a note")
        self.assertEqual(self.index_ids(one, self.path("notes")), ["a", "two.txt"])
        self.assertIn("already used at", self.run_error(
            1, "index", self.path("x"), "--model", "mini", one, self.write("2.jsonl", '{"_id":"a","text":"y"}\n')))

    def test_a_damaged_npz_makes_no_index(self):
        path = write_npz(self.path("d.npz"), [("a", [unit(0)]), ("b", [unit(1)])])
        with zipfile.ZipFile(path) as archive:
            offset = archive.getinfo("values.npy").header_offset
        with open(path, "r+b") as file:
            file.seek(offset + 30 + len("values.npy") + 128 + 4)
            file.write(struct.pack("<f", 5.0))
        self.assertIn("checksum", self.run_error(1, "index", self.path("x"), "--embeddings", path))
        self.assertFalse(os.path.exists(self.path("x")))


if __name__ == "__main__":
    unittest.main()
