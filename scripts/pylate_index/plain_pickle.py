"""Reads pickles of plain data: texts, integers, lists of integers, and one dict of them.

Python's own unpickler can call any function a file names. This reader has no operation that imports,
calls or builds anything: every other opcode of the format is an error. Lists become array('q'), so a map
of a hundred million token ids takes 8 bytes an id.
"""
import array
import struct

from .failure import ImportFailure

# A pickler writes at most 1000 items between two marks (pickle._BATCHSIZE); a dict of lists adds two.
MAX_STACK = 4096
ADVICE = ("only texts, integers, lists of integers and a dict of them are read and nothing is ever executed; "
          "if you trust the file, load it in Python, turn its ids into str or int and save it again")

MARK = object()


class _Reader:
    """A stack machine over the bytes of one pickle (protocols 2 to 5)."""

    def __init__(self, data, name):
        self.data, self.name, self.at = data, name, 0
        self.stack, self.marks, self.memo = [], [], {}

    def fail(self, problem):
        raise ImportFailure(f"{self.name}: byte {self.at}: {problem}; {ADVICE}")

    def take(self, size):
        begin, self.at = self.at, self.at + size
        if self.at > len(self.data):
            self.fail("the pickle ends in the middle of a value")
        return self.data[begin:self.at]

    def number(self, layout, size):
        return struct.unpack(layout, self.take(size))[0]

    def push(self, value):
        if len(self.stack) >= MAX_STACK:
            self.fail(f"more than {MAX_STACK} values wait on the stack")
        self.stack.append(value)

    def pop(self):
        if not self.stack or self.stack[-1] is MARK:
            self.fail("a value is missing")
        return self.stack.pop()

    def items_after_mark(self):
        if not self.marks:
            self.fail("a mark is missing")
        begin = self.marks.pop()
        items = self.stack[begin + 1:]
        del self.stack[begin:]
        return items

    def mark(self):
        self.marks.append(len(self.stack))
        self.push(MARK)

    def text(self, size):
        try:
            self.push(str(self.take(size), "utf-8"))
        except UnicodeDecodeError:
            self.fail("a text is not UTF-8")

    def long_integer(self):
        size = self.number("<B", 1)
        if size > 8:
            self.fail(f"an integer of {size} bytes; expected at most 64 bits")
        self.push(int.from_bytes(self.take(size), "little", signed=True))

    def remember(self, index):
        if not self.stack:
            self.fail("a value is missing")
        self.memo[index] = self.stack[-1]

    def recall(self, index):
        if index not in self.memo:
            self.fail(f"value {index} was never stored")
        self.push(self.memo[index])

    def append(self, items):
        target = self.stack[-1] if self.stack else None
        if not isinstance(target, array.array):
            self.fail("items for a list, but there is no list")
        try:
            target.extend(items)
        except (TypeError, OverflowError):
            self.fail("a list of something else than 64-bit integers")

    def set_items(self, items):
        target = self.stack[-1] if self.stack else None
        if not isinstance(target, dict) or len(items) % 2:
            self.fail("keys and values for a dict, but there is no dict or a value is missing")
        keys, values = items[::2], items[1::2]
        if not all(isinstance(key, (str, int)) for key in keys):
            self.fail("a key of a dict is neither a text nor an integer")
        if any(isinstance(value, dict) or value is MARK for value in values):
            self.fail("a dict within a dict")
        target.update(zip(keys, values))

    def read(self):
        while True:
            opcode = self.number("<B", 1)
            if opcode == STOP:
                break
            operation = OPERATIONS.get(opcode)
            if operation is None:
                self.at -= 1
                self.fail(f"opcode {bytes([opcode])!r} is refused")
            operation(self)
        if len(self.stack) != 1 or self.marks:
            self.fail("the pickle does not end with one value")
        return self.stack[0]


def _pop_pair(reader):
    value = reader.pop()
    return [reader.pop(), value]


STOP = ord(".")
OPERATIONS = {
    0x80: lambda r: r.take(1),  # PROTO
    0x95: lambda r: r.take(8),  # FRAME: the pickle is read whole, so frames say nothing
    ord("}"): lambda r: r.push({}),
    ord("]"): lambda r: r.push(array.array("q")),
    ord("("): _Reader.mark,
    ord("a"): lambda r: r.append([r.pop()]),
    ord("e"): lambda r: r.append(r.items_after_mark()),
    ord("s"): lambda r: r.set_items(_pop_pair(r)),
    ord("u"): lambda r: r.set_items(r.items_after_mark()),
    ord("K"): lambda r: r.push(r.number("<B", 1)),
    ord("M"): lambda r: r.push(r.number("<H", 2)),
    ord("J"): lambda r: r.push(r.number("<i", 4)),
    0x8a: _Reader.long_integer,
    0x8c: lambda r: r.text(r.number("<B", 1)),
    ord("X"): lambda r: r.text(r.number("<I", 4)),
    0x94: lambda r: r.remember(len(r.memo)),
    ord("q"): lambda r: r.remember(r.number("<B", 1)),
    ord("r"): lambda r: r.remember(r.number("<I", 4)),
    ord("h"): lambda r: r.recall(r.number("<B", 1)),
    ord("j"): lambda r: r.recall(r.number("<I", 4)),
}


def loads(data, name):
    """The value of a pickle; `name` is what errors call it. Throws ImportFailure."""
    return _Reader(data, name).read()
