# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Carriers, the kernel threads that behaviors run on; scheduler/internal/carrier.hpp has the table
of their states."""

from troupe_gdb.layout import Unavailable, integer, layout

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
    found, place = set(), integer(home + layout("scheduler").offset("carriers_.newest_"))
    while place != 0 and place not in found:
        if len(found) == MOST:
            raise Unavailable(f"more than {MOST} carriers")
        found.add(place)
        yield Carrier(
            place + member.offset("self"), integer(place + member.offset("thread"))
        )
        place = member.read(place, "before")


def returning(home):
    """The tasks whose carriers have come back from where they needed no worker."""
    found = set()
    for part in ("popped_from_", "pushed_to_"):
        task = integer(home + layout("scheduler").offset(f"returning_.{part}.first"))
        while task != 0 and task not in found and len(found) < MOST:
            found.add(task)
            task = layout("task").read(task, "run_link")
    return found
