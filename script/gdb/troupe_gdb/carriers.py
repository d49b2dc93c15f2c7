# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Carriers, the kernel threads that behaviors run on; scheduler/internal/carrier.hpp has the table
of their states."""

from troupe_gdb.layout import POINTER, Unavailable, integer, layout

MOST = 1 << 16  # more of them are no carriers, but damage


class Carrier:
    """A carrier at the moment when the process stopped."""

    def __init__(self, address, handle):
        fields = layout("carrier")
        self.address = address
        self.handle = handle  # its thread's pthread_t
        self.bound = fields.read(address, "bound")
        self.adrift = fields.read(address, "adrift")
        self.generator = fields.read(address, "generator")

    def stands(self):
        """Whether it waits in the middle of `adrift` until it gets a worker."""
        # Generators say so too, but live on stacks, which may be missing in a core file.
        pinned = layout("task").read(self.adrift, "pinned")
        return pinned != 0 and pinned == self.generator


def carriers(home):
    """Those of a scheduler."""
    member = layout("carrier_pool::member")
    # A std::vector: begin and end come first. Members hold a std::unique_ptr and a std::thread.
    vector = home + layout("scheduler").offset("carriers_.members_")
    begin, end = integer(vector), integer(vector + POINTER)
    if not 0 <= end - begin <= MOST * member.size:
        raise Unavailable(f"{(end - begin) // member.size} carriers")
    for place in range(begin, end, member.size):
        yield Carrier(
            integer(place + member.offset("self")), integer(place + member.offset("thread"))
        )


def returning(home):
    """The tasks whose carriers have come back from where they needed no worker."""
    found, task = set(), integer(home + layout("scheduler").offset("returning_.first_"))
    while task != 0 and task not in found and len(found) < MOST:
        found.add(task)
        task = layout("task").read(task, "run_link")
    return found
