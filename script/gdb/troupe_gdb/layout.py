# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Where fields lie, and reading memory that may be damaged.

Offsets come from the debug information, values from raw memory: gdb.Value takes microseconds for
each field, and there may be a million actors.
"""

import functools

import gdb

POINTER = 8  # bytes; only little-endian 64-bit machines are supported


class Unavailable(Exception):
    """Something cannot be shown; the text says why, for users."""


def memory(address, size):
    try:
        return bytes(gdb.selected_inferior().read_memory(address, size))
    except (gdb.error, OverflowError, ValueError):
        raise Unavailable(f"cannot read {size} bytes at {address:#x}") from None


def integer(address, size=POINTER):
    return int.from_bytes(memory(address, size), "little")


def word(number):
    """A number of a pointer's size, as gdb wants it."""
    return gdb.Value(number.to_bytes(POINTER, "little"), gdb.lookup_type("unsigned long"))


def text(address, size, most=4096):
    """`size` characters, fit for a terminal; a damaged size may be absurdly large."""
    if size > most:
        raise Unavailable(f"a string of {size} bytes at {address:#x}")
    read = memory(address, size).decode("utf-8", "replace") if size else ""
    return "".join(c if c.isprintable() else "?" for c in read)


def static_variable(name):
    """The address of a variable of troupe's that is local to a file."""
    symbol = gdb.lookup_static_symbol(f"troupe::detail::(anonymous namespace)::{name}")
    if symbol is None:
        raise Unavailable(
            "no debug information of troupe in this process; its library must be built with -g "
            "and not be stripped"
        )
    return int(symbol.value().address)


def symbol_at(address):
    """gdb's text about what is there."""
    return gdb.execute(f"info symbol {address:#x}", to_string=True)


class Layout:
    """The fields of one of troupe's classes, those of its bases included."""

    def __init__(self, name):
        try:
            self._type = gdb.lookup_type(f"troupe::detail::{name}").strip_typedefs()
        except gdb.error:
            raise Unavailable(f"no debug information of troupe's class {name}") from None
        self.name = name
        self.size = self._type.sizeof

    def has(self, path):
        return self._find(path) is not None

    @functools.lru_cache(maxsize=None)
    def place(self, path):
        """Offset and size in bytes of a field; `path` goes into members with dots."""
        found = self._find(path)
        if found is None:
            raise Unavailable(
                f"troupe's class {self.name} has no {path}: "
                "this script and the program are of different versions"
            )
        return found

    def offset(self, path):
        return self.place(path)[0]

    def read(self, address, path):
        """A pointer, integer, enumerator or bool of the object at `address`."""
        offset, size = self.place(path)
        return integer(address + offset, min(size, POINTER))

    def _find(self, path):
        offset, kind = 0, self._type
        for name in path.split("."):
            found = _member(kind, name)
            if found is None:
                return None
            offset, kind = offset + found[0], found[1].strip_typedefs()
        return offset, kind.sizeof


def _member(kind, name):
    """Offset and type of a direct or inherited member; None when there is none."""
    for field in kind.fields():
        if not hasattr(field, "bitpos"):
            continue  # static
        if field.is_base_class:
            inherited = _member(field.type.strip_typedefs(), name)
            if inherited is not None:
                return field.bitpos // 8 + inherited[0], inherited[1]
        elif field.name == name:
            return field.bitpos // 8, field.type
    return None


@functools.lru_cache(maxsize=None)
def layout(name):
    return Layout(name)


def forget(_event=None):
    """Another program may have other layouts."""
    layout.cache_clear()


def forget_when_programs_change():
    gdb.events.new_objfile.connect(forget)
    gdb.events.clear_objfiles.connect(forget)
