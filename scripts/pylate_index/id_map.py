"""The maps PyLate keeps beside its vectors: one pickled dict (1.5 and later) or a SqliteDict file (before)."""
import mmap
import pathlib
import sqlite3

from . import plain_pickle
from .failure import ImportFailure, require


def read_pickle(path):
    """The dict in a .pkl file."""
    with open(path, "rb") as file:
        require(path.stat().st_size > 0, path, "the file is empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            value = plain_pickle.loads(data, path)
    require(isinstance(value, dict), path, f"holds a {type(value).__name__}, expected a dict")
    return value


class SqliteMap:
    """A SqliteDict file: one table `unnamed` (key TEXT, value BLOB), the values pickled one by one."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        # Read only: a file whose writer crashed is an error, never repaired here.
        self.database = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True)

    def items(self):
        """(key, value) in the order of insertion; keys are texts, whatever they were in Python."""
        for key, value in self.rows("SELECT key, value FROM unnamed ORDER BY rowid"):
            yield str(key), self.loads(key, value)

    def get(self, key):
        """The value of a key, None when there is none."""
        for value, in self.rows("SELECT value FROM unnamed WHERE key = ?", str(key)):
            return self.loads(key, value)
        return None

    def loads(self, key, value):
        require(isinstance(value, bytes), self.path, f"key {key!r}: expected a pickled value, found {type(value).__name__}")
        return plain_pickle.loads(value, f"{self.path}: key {key!r}")

    def rows(self, query, *arguments):
        try:
            yield from self.database.execute(query, arguments)
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter for a message of SQLite about a broken name
            raise ImportFailure(f"{self.path}: {error}; expected a SqliteDict file with a table `unnamed`, as PyLate before 1.5 "
                                "writes it: copy the whole folder again") from error
