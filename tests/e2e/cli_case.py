"""What the end-to-end tests share: running the program, temporary files, .npz files without numpy."""
import ast
import json
import os
import struct
import subprocess
import tempfile
import unittest
import zipfile

PROGRAM = os.environ["MAXSIMD_PROGRAM"]
SOURCE = os.environ["MAXSIMD_SOURCE"]
SAMPLE = os.path.join(SOURCE, "examples", "data")
os.environ["HF_HUB_OFFLINE"] = "1"  # no test asks the real hub


class CliCase(unittest.TestCase):
    """A test with a temporary folder and helpers to call the program."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)

    def path(self, *parts):
        return os.path.join(self._folder.name, *parts)

    def write(self, name, content):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return path

    def write_records(self, name, records):
        return self.write(name, "".join(json.dumps(record) + "\n" for record in records))

    def call(self, *arguments, stdin=b""):
        """Runs the program; returns the finished process, whatever its exit code."""
        if isinstance(stdin, str):
            stdin = stdin.encode()
        return subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True, timeout=300)

    def run_ok(self, *arguments, stdin=b""):
        """Runs the program, which must succeed; returns what it printed."""
        done = self.call(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        return done.stdout.decode()

    def hits_of(self, index, queries, *flags):
        """[(id, score)] for each query of an .npz."""
        lines = self.run_ok("search", index, "--query-embeddings", queries, "--json", *flags).splitlines()
        return [[(hit["id"], hit["score"]) for hit in json.loads(line)["hits"]] for line in lines]

    def run_error(self, code, *arguments, stdin=b""):
        """Runs the program, which must fail with this code; returns its one line of complaint."""
        done = self.call(*arguments, stdin=stdin)
        message = done.stderr.decode(errors="replace")
        self.assertEqual(done.returncode, code, message)
        if code == 1:
            lines = [line for line in message.splitlines() if not line.startswith("note: ")]
            self.assertEqual(len(lines), 1, message)
            self.assertTrue(lines[0].startswith("maxsimd: "), message)
        return message


def tree(folder):
    """path -> content of every file below a folder."""
    files = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            with open(path, "rb") as file:
                files[os.path.relpath(path, folder)] = file.read()
    return files


def read_npz(path):
    """name -> (shape, list of values), read from the bytes, without numpy."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            arrays[name.removesuffix(".npy")] = _parse_npy(archive.read(name))
    return arrays


def write_npz(path, items, deflated=False):
    """Writes [(id, [row, ...]), ...] as a file of embeddings; ids are all texts or all integers."""
    rows = [row for _, item in items for row in item]
    dim = len(rows[0])
    offsets = [0]
    for _, item in items:
        offsets.append(offsets[-1] + len(item))
    values = struct.pack(f"<{len(rows) * dim}f", *[value for row in rows for value in row])
    ids = [name for name, _ in items]
    if isinstance(ids[0], int):
        id_array = npy("<i8", (len(ids),), struct.pack(f"<{len(ids)}q", *ids))
    else:
        width = max(len(name) for name in ids)
        id_array = npy(f"<U{width}", (len(ids),), b"".join(
            name.encode("utf-32-le").ljust(4 * width, b"\0") for name in ids))
    kind = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", kind) as archive:
        archive.writestr("values.npy", npy("<f4", (len(rows), dim), values))
        archive.writestr("offsets.npy", npy("<u8", (len(offsets),),
                                            struct.pack(f"<{len(offsets)}Q", *offsets)))
        archive.writestr("ids.npy", id_array)
    return path


def npy(kind, shape, body):
    """The bytes of a .npy file."""
    header = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


def _parse_npy(data):
    assert data[:6] == b"\x93NUMPY", data[:6]
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode("latin1"))
    body = data[10 + length:]
    assert not header["fortran_order"]
    kind = header["descr"]
    count = 1
    for size in header["shape"]:
        count *= size
    if kind == "<f4":
        return header["shape"], list(struct.unpack(f"<{count}f", body))
    if kind == "<u8":
        return header["shape"], list(struct.unpack(f"<{count}Q", body))
    if kind == "<i8":
        return header["shape"], list(struct.unpack(f"<{count}q", body))
    assert kind.startswith("<U"), kind
    width = int(kind[2:]) * 4
    return header["shape"], [body[i * width:(i + 1) * width].decode("utf-32-le").rstrip("\0")
                             for i in range(count)]
