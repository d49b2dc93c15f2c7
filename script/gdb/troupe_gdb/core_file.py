# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Core files that hold the actors' stacks.

gdb reads a mapping a megabyte at a time and gives up at the first page that cannot be read. Guard
regions (MADV_GUARD_INSTALL) are such pages inside a mapping. So the stacks are added to the file
afterwards, page by page.
"""

import mmap
import os
import struct

import gdb

from troupe_gdb import stacks
from troupe_gdb.layout import Unavailable, memory

PAGE = mmap.PAGESIZE
LOADABLE = 1  # PT_LOAD
HEADER = struct.Struct("<32xQ14xHHH")  # e_phoff, e_phentsize, e_phnum, e_shentsize: ELF64
SEGMENT = struct.Struct("<II6Q")  # p_type, p_flags, p_offset, p_vaddr, p_paddr, p_filesz, ...
TOUCHED = 0b11 << 62  # /proc/PID/pagemap: present or swapped out


def write(path):
    """generate-core-file, and the stacks into it."""
    path = os.path.expanduser(path)
    gdb.execute(f"generate-core-file {path}")
    pages = 0
    with open(path, "r+b") as core:
        segments = list(loadable_segments(core))
        for first, stride, count, _records in stacks.stack_slabs():
            for address in touched_pages(first, first + stride * count):
                place = place_in_file(segments, address)
                content = read_page(address) if place is not None else None
                if content is not None:
                    core.seek(place)
                    core.write(content)
                    pages += 1
    gdb.write(f"Added {pages} pages of actors' stacks to {path}\n")


def loadable_segments(core):
    """(address, bytes in the file, place in the file)."""
    core.seek(0)
    start = core.read(64)
    if start[:6] != b"\x7fELF\x02\x01":
        raise Unavailable("gdb wrote no 64-bit ELF file: actors' stacks may be missing in it")
    table, size, number, _ = HEADER.unpack_from(start)
    core.seek(table)
    headers = core.read(size * number)
    for begin in range(0, size * number, size):
        kind, _flags, place, address, _physical, length, *_ = SEGMENT.unpack_from(headers, begin)
        if kind == LOADABLE:
            yield address, length, place


def place_in_file(segments, address):
    for first, length, place in segments:
        if first <= address and address + PAGE <= first + length:
            return place + address - first
    return None


def touched_pages(begin, end):
    """Addresses of the pages that have ever been written; of all when that cannot be told."""
    entries = pagemap(begin, end)
    for number, address in enumerate(range(begin, end, PAGE)):
        if entries is None or entries[number] & TOUCHED:
            yield address


def pagemap(begin, end):
    inferior = gdb.selected_inferior()
    if inferior.connection is None or inferior.connection.type != "native":
        return None  # a process on another machine, perhaps
    try:
        with open(f"/proc/{inferior.pid}/pagemap", "rb") as table:
            size = (end - begin) // PAGE * 8
            entries = os.pread(table.fileno(), size, begin // PAGE * 8)
            return memoryview(entries).cast("Q") if len(entries) == size else None
    except OSError:
        return None


def read_page(address):
    try:
        return memory(address, PAGE)
    except Unavailable:  # a guard
        return None
