#!/usr/bin/env python3
"""Compares every #include of maxsimd/, cli/ and python/ with the table of rooms in docs/architecture.md.

    python3 scripts/check_layers.py [--root FOLDER]

What it holds the code to:
  - a room includes itself and the rooms its row names, and CMake's ROOMS say no more than that;
  - a header from outside the standard library is included only in the room whose row names it;
    nlohmann-json in any .cpp (json_fwd.hpp in base/json.h), GoogleTest in tests;
  - a header that includes third-party code is private to its room, but for tests;
  - tests (*_test.cpp, *_testing.h, test_*.h) may also use tests/support and system headers;
    nothing else may use a test's header;
  - no cycles, neither between rooms nor between files; our own files are spelled from the root.
Prints each violation as file:line: message and exits 1 if there is one, 2 if the table is unreadable.
"""
import argparse
import dataclasses
import fnmatch
import pathlib
import re
import sys

TABLE_HEADER = ("room", "may include", "headers from outside the standard library, and only there")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
ROOM_LINKS = re.compile(r"maxsimd_room\(\s*(\w+)(.*?)\)", re.DOTALL)
SOURCES = ("*.h", "*.cpp", "*.inc")
SYSTEM_HEADERS = ("fcntl.h", "unistd.h", "sched.h", "signal.h", "sys/*", "*intrin.h", "cpuid.h",
                  "arm_neon.h")

TEST_HEADERS = SYSTEM_HEADERS + ("tests/support/*",)


@dataclasses.dataclass(frozen=True)
class Room:
    may_include: frozenset
    outside: tuple  # patterns of header names


@dataclasses.dataclass(frozen=True)
class Include:
    path: str  # of the file that includes, from the root
    line: int
    quoted: bool
    name: str

    def complain(self, message):
        return f"{self.path}:{self.line}: {message}"


def read_table(document):
    """The rows of the table, room -> Room. Exits 2 when there is no such table."""
    rooms, inside = {}, False
    for line in document.read_text(encoding="utf-8").splitlines():
        cells = tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
        if cells == TABLE_HEADER:
            inside = True
        elif inside and not line.startswith("|"):
            break
        elif inside and len(cells) == 3 and not set(cells[0]) <= set("-: "):
            name, may_include, outside = (re.findall(r"`([^`]+)`", cell) for cell in cells)
            rooms[name[0]] = Room(frozenset(may_include), tuple(outside))
    if not rooms:
        print(f"{document}: no table with the columns {' | '.join(TABLE_HEADER)}", file=sys.stderr)
        sys.exit(2)
    return rooms


def room_of(path, rooms):
    """maxsimd/NAME/... is NAME; maxsimd/FILE is FILE; cli/train/... has a row of its own or is cli."""
    parts = path.split("/")
    if parts[0] == "maxsimd":
        return parts[1]
    nested = "/".join(parts[:2])
    return nested if nested in rooms else parts[0]


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def is_standard(name):
    return "." not in name and "/" not in name


def is_own(name):
    return name.startswith(("maxsimd/", "cli/", "python/"))


def is_test(path):
    return path.endswith(("_test.cpp", "_testing.h")) or "/test_" in path


def allowed_everywhere(include):
    """The two libraries that need no room of their own."""
    if include.name == "nlohmann/json.hpp":
        return include.path.endswith(".cpp") or is_test(include.path)
    if include.name == "nlohmann/json_fwd.hpp":
        return include.path == "maxsimd/base/json.h"
    if include.name.startswith(("gtest/", "gmock/")):
        return is_test(include.path)
    return False


def read_includes(root):
    """path -> [Include] of every source file of the library and the program."""
    files = {}
    for top in ("maxsimd", "cli", "python"):
        found = {path for pattern in SOURCES for path in (root / top).rglob(pattern)}
        for path in sorted(found):
            name = path.relative_to(root).as_posix()
            lines = path.read_text(encoding="utf-8").splitlines()
            hits = ((number, INCLUDE.match(line)) for number, line in enumerate(lines, 1))
            files[name] = [Include(name, number, hit[1] == '"', hit[2]) for number, hit in hits if hit]
    return files


def check_own(include, room, rooms, files):
    """An include of one of our own files: it exists, and the room may enter the other's."""
    if include.name not in files:
        return include.complain(f"{include.name} does not exist")
    if is_test(include.name) and not is_test(include.path):
        return include.complain(f"{include.name} is for tests only")
    target = room_of(include.name, rooms)
    if target != room and target not in rooms[room].may_include:
        allowed = ", ".join(sorted(rooms[room].may_include)) or "nothing"
        return include.complain(f"{room} may not include {target} ({include.name}); it may: {allowed}")
    third_party = [i.name for i in files[include.name] if not is_own(i.name) and not
                   is_standard(i.name) and not matches(i.name, SYSTEM_HEADERS + ("nlohmann/*",))]
    if target != room and third_party and not is_test(include.path):
        return include.complain(
            f"{include.name} includes {third_party[0]}, so only {target} may include it")
    return None


def check_outside(include, room, rooms):
    """An include of somebody else's header, or of what the tests share."""
    if is_standard(include.name) or allowed_everywhere(include):
        return None
    if is_test(include.path) and matches(include.name, TEST_HEADERS):
        return None
    if include.quoted:
        return include.complain(f'"{include.name}": spell our own files from the root '
                                '("maxsimd/ROOM/FILE.h"), others with <>')
    if matches(include.name, rooms[room].outside):
        return None
    homes = sorted(name for name, other in rooms.items() if matches(include.name, other.outside))
    home = f"only {', '.join(homes)} may" if homes else "no room may: see docs/architecture.md"
    return include.complain(f"{room} may not include <{include.name}>; {home}")


def check_includes(files, rooms):
    for path, includes in files.items():
        room = room_of(path, rooms)
        if room not in rooms:
            yield f"{path}:1: {room} has no row in the table of docs/architecture.md"
            continue
        for include in includes:
            if is_own(include.name):
                yield check_own(include, room, rooms, files)
            else:
                yield check_outside(include, room, rooms)


def find_cycle(graph):
    """One cycle of a graph {node: nodes} as a list that ends where it began, or nothing."""
    done, trail = set(), []

    def visit(node):
        if node in trail:
            return trail[trail.index(node):] + [node]
        if node in done:
            return None
        trail.append(node)
        for following in sorted(graph.get(node, ())):
            if cycle := visit(following):
                return cycle
        done.add(trail.pop())
        return None

    return next((cycle for node in sorted(graph) if (cycle := visit(node))), None)


def check_cycles(files, rooms):
    if cycle := find_cycle({name: room.may_include for name, room in rooms.items()}):
        yield f"docs/architecture.md:1: the rooms form a cycle: {' -> '.join(cycle)}"
    own = {path: [i.name for i in includes if is_own(i.name)] for path, includes in files.items()}
    if cycle := find_cycle(own):
        yield f"{cycle[0]}:1: files include each other: {' -> '.join(cycle)}"


def check_links(root, rooms):
    """ROOMS of each maxsimd_room(...) in CMake name only what the table allows."""
    for path in sorted((root / "maxsimd").glob("*/CMakeLists.txt")):
        text = path.read_text(encoding="utf-8")
        for call in ROOM_LINKS.finditer(text):
            name, words = call[1], call[2].split()
            linked = words[words.index("ROOMS") + 1:] if "ROOMS" in words else []
            ends = [i for i, word in enumerate(linked) if word.isupper()]
            allowed = rooms[name].may_include if name in rooms else frozenset()
            for room in linked[:ends[0] if ends else None]:
                if room not in allowed:
                    line = text.count("\n", 0, call.start()) + 1
                    yield f"{path.relative_to(root).as_posix()}:{line}: {name} may not link {room}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[1])
    root = parser.parse_args().root
    rooms = read_table(root / "docs" / "architecture.md")
    files = read_includes(root)
    checks = (check_includes(files, rooms), check_cycles(files, rooms), check_links(root, rooms))
    violations = [violation for check in checks for violation in check if violation]
    for violation in violations:
        print(violation)
    count = sum(map(len, files.values()))
    print(f"check_layers: {len(files)} files, {count} includes, {len(rooms)} rooms, "
          f"{len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
