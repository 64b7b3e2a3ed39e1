"""What the end-to-end tests share: running the program, temporary files, a tiny .npz reader."""
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


def read_npz(path):
    """name -> (shape, list of values), read from the bytes, without numpy."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            arrays[name.removesuffix(".npy")] = _parse_npy(archive.read(name))
    return arrays


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
    assert kind.startswith("<U"), kind
    width = int(kind[2:]) * 4
    return header["shape"], [body[i * width:(i + 1) * width].decode("utf-32-le").rstrip("\0")
                             for i in range(count)]
