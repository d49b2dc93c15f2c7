# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""The actors of a process: where their control blocks are, and what state they are in.

The rules by which a state is told are those of scheduler/detail/task.hpp, of the two mailbox lanes
(mailbox/detail/{mpsc_queue,control_lane}.hpp) and of actors/detail/control_block.hpp.
"""

import itertools
import struct

import gdb

from troupe_gdb.carriers import carriers, returning
from troupe_gdb.layout import POINTER, Unavailable, integer, layout, memory, static_variable, text

IDLE_BIT = 1  # mpsc_queue: of its head
PARKED = 1  # control_lane: its word, when the owner waits for an answer
SLAB_HEADER = 64  # depot.cpp: what lies before the first slot

IDLE = "idle"
RUNNABLE = "runnable"
RUNNING = "running"
PREEMPTED = "preempted"
RETURNING = "waits for a worker"
UNBOUND = "runs without a worker"
MESSAGE = "waiting for a message"
CALL = "waiting in a call"
STATES = (IDLE, RUNNABLE, RUNNING, PREEMPTED, RETURNING, UNBOUND, MESSAGE, CALL)


class Worker:
    """A worker at the moment when the process stopped."""

    def __init__(self, address):
        fields = layout("worker")
        self.address = address
        self.index = fields.read(address, "index_")
        self.current = fields.read(address, "current_")
        self.generator = fields.read(address, "generator_")
        self.carrier = fields.read(address, "carrier_")
        self.handle = 0  # the pthread_t of the thread that carries it


class Actor:
    """One live actor. What costs memory accesses is read when asked for."""

    FIELDS = {  # name in here: (field of control_block, struct code)
        "head": ("mailbox.head_", "Q"),
        "control": ("control.word_", "Q"),
        "home": ("home", "Q"),
        "type": ("type", "Q"),
        "pinned": ("pinned", "Q"),
        "generation": ("generation", "I"),
        "slot": ("number", "I"),
        "more": ("more", "Q"),
    }

    def __init__(self, runtime, address, values):
        self.runtime = runtime
        self.address = address
        for name, value in zip(runtime.field_names, values):
            setattr(self, name, value)
        self.number = self.slot + 1  # as in the runtime's own reports
        self.id = self.generation << 32 | self.number
        self.state = runtime.state_of(address, values)
        self.worker = runtime.worker_running(address)
        self.carrier = runtime.carrier_without_worker(address)  # that it has stopped, or runs, on
        # The stack that it holds for itself; 0: none, or it shares a worker's.
        self.generator = self.pinned if self.worker is None else 0
        if self.carrier is not None:
            self.generator = self.carrier.generator

    def read(self, path):
        return layout("control_block").read(self.address, path)

    @property
    def name(self):
        """spawn_options::name, or empty."""
        if self.more == 0:
            return ""
        try:
            string = self.more + layout("extras").offset("name")
            return text(integer(string), integer(string + POINTER))
        except Unavailable:
            return "<unreadable>"

    @property
    def type_name(self):
        return self.runtime.kind(self.type)[0]

    @property
    def style(self):
        return self.runtime.kind(self.type)[1]

    @property
    def mode(self):
        """The design's run modes, as system::actors() tells them."""
        if self.style == "direct":
            return "poll"  # also while it runs, and holds no stack that is not the worker's too
        return "none" if self.generator == 0 else "switch"

    def queued(self, most):
        """Messages that are still to be handled, as text; `most` are counted."""
        try:
            number = self.count_passed_over(most) + self._count("news_first", most)
            number += self._count_mailbox(most) + self._count_bounded()
        except Unavailable:
            return "?"
        return str(number) if number < most else f"{most}+"

    def count_passed_over(self, most):
        """Messages that a selective receive has put aside."""
        return self._count("stash_first", most)

    def _count_mailbox(self, most):
        stub = self.address + self.runtime.stub
        if self.head & ~IDLE_BIT == stub:
            return 0
        handled = self.read("front_is_spent") or self.read("current_is_linked")
        front = self.read("mailbox.front_") or integer(stub)
        return max(count_list(front, most + 1) - handled, 0)

    def _count_bounded(self):
        lane = self.read("lane")
        return layout("bounded_lane").read(lane, "size_") if lane else 0

    def _count(self, first, most):
        return count_list(self.read(first), most)


def count_list(node, most):
    """Envelopes linked behind `node`, itself included; no more than `most` are counted."""
    count = 0
    while node != 0 and count < most:
        count += 1
        node = integer(node)
    return count


class Runtime:
    """A snapshot for one command. `complain` is called with what is found damaged."""

    def __init__(self, complain):
        if gdb.selected_thread() is None:
            raise Unavailable("there is no process and no core file to look at")
        self.complain = complain
        self._homes = {}  # scheduler -> its workers
        self._current = {}  # task -> the worker that runs it
        self._adrift = {}  # task -> (state, carrier): those on a carrier that has no worker
        self._kinds = {}
        self._depot = static_variable("block_depot")
        self.slot_size = layout("depot").read(self._depot, "slot_size_")
        block = layout("control_block")
        if self.slot_size < block.size or self.slot_size > 64 * block.size:
            raise Unavailable(f"control blocks of {self.slot_size} bytes: damaged memory")
        self.stub = block.offset("mailbox.stub_")
        self._set_format(block)

    def _set_format(self, block):
        """How a slot is unpacked: the wanted fields in order of their offsets, gaps between."""
        wanted = [(*block.place(path), name, code) for name, (path, code) in Actor.FIELDS.items()]
        form, end = "<", 0
        for offset, size, _name, code in sorted(wanted):
            form += f"{offset - end}x{code}"
            end = offset + size
        self._format = struct.Struct(f"{form}{self.slot_size - end}x")
        self.field_names = [name for _offset, _size, name, _code in sorted(wanted)]
        for name, index in zip(self.field_names, range(len(wanted))):
            setattr(self, name, index)  # where a slot's fields stand, in what is unpacked

    # --- control blocks

    def _slabs(self):
        """(address of the first slot, number of slots), oldest first."""
        fields, found, seen = layout("slab"), [], set()
        slab = layout("depot").read(self._depot, "slabs_")
        try:
            while slab != 0:
                if slab in seen:
                    raise Unavailable("the list of slabs runs in a circle")
                seen.add(slab)
                room = (fields.read(slab, "bytes") - SLAB_HEADER) // self.slot_size
                slots = fields.read(slab, "slots")
                if slots > room or room > 1 << 24:
                    raise Unavailable(f"the slab at {slab:#x} claims {slots} slots of {room}")
                found.append((slab + SLAB_HEADER, slots))
                slab = fields.read(slab, "next")
        except Unavailable as problem:
            self.complain(f"{problem}; actors in older slabs are not shown")
        return reversed(found)

    def _slots(self, chunk=8192):
        """(address, fields) of every slot ever used, in ascending order of numbers."""
        for first, slots in self._slabs():
            for begin in range(0, slots, chunk):
                address = first + begin * self.slot_size
                size = min(chunk, slots - begin) * self.slot_size
                try:
                    content = memory(address, size)
                except Unavailable as problem:
                    self.complain(f"{problem}; the actors there are not shown")
                    continue
                for values in self._format.iter_unpack(content):
                    yield address, values
                    address += self.slot_size

    def live(self):
        """(address, fields) of every live actor; `fields[self.head]` and so on."""
        for address, values in self._slots():
            if values[self.generation] % 2:
                yield address, values

    def actor(self, number):
        """The live actor of that number (or any_ref::id())."""
        wanted = (number & 0xFFFFFFFF) - 1
        first = wanted
        for begin, slots in self._slabs():  # slots are numbered as they are carved
            if 0 <= first < slots:
                address = begin + first * self.slot_size
                found = Actor(
                    self, address, self._format.unpack(memory(address, self.slot_size))
                )
                break
            first -= slots
        else:
            raise Unavailable(f"there has never been an actor {number}")
        if found.slot != wanted:
            raise Unavailable(f"the control block at {found.address:#x} is damaged")
        if found.generation % 2 == 0 or number >> 32 not in (0, found.generation):
            raise Unavailable(f"actor {number} has ended")
        return found

    # --- states

    def state_of(self, address, fields):
        home = fields[self.home]
        if home not in self._homes:
            self._look_at_workers(home)
        if address in self._current:
            return RUNNING
        if address in self._adrift:
            return self._adrift[address][0]
        if fields[self.head] == address + self.stub | IDLE_BIT:
            return MESSAGE if fields[self.pinned] else IDLE
        if fields[self.pinned] and fields[self.control] == PARKED:
            return CALL
        return RUNNABLE

    def worker_running(self, address):
        return self._current.get(address)

    def carrier_without_worker(self, address):
        return self._adrift[address][1] if address in self._adrift else None

    def workers(self, home):
        if home not in self._homes:
            self._look_at_workers(home)
        return self._homes[home]

    def known_homes(self):
        """Those that have been come across so far."""
        return [home for home in self._homes if home != 0]

    def homes(self, most=8192):
        """The schedulers of the first `most` actors."""
        found = {fields[self.home] for _address, fields in itertools.islice(self.live(), most)}
        return found - {0}

    def _look_at_workers(self, home):
        self._homes[home] = []
        if home == 0:
            return  # its system is gone
        try:
            # A std::vector<std::unique_ptr<worker>>: begin and end come first.
            vector = home + layout("scheduler").offset("workers_")
            begin, end = integer(vector), integer(vector + POINTER)
            if not 0 <= end - begin <= 1024 * POINTER:
                raise Unavailable(f"{(end - begin) // POINTER} workers")
            for place in range(begin, end, POINTER):
                worker = Worker(integer(place))
                self._homes[home].append(worker)
                if worker.current:
                    self._current[worker.current] = worker
            self._look_at_carriers(home)
        except Unavailable as problem:
            self.complain(f"the system at {home:#x} is damaged: {problem}")

    def _look_at_carriers(self, home):
        carried = {worker.carrier: worker for worker in self._homes[home]}
        back = returning(home)
        for carrier in carriers(home):
            if carrier.address in carried:
                carried[carrier.address].handle = carrier.handle
            task = carrier.adrift
            if task == 0:
                continue
            if carrier.bound != 0:  # just about to give its worker away
                if carrier.address in carried:
                    self._current[task] = carried[carrier.address]
            elif not carrier.stands():
                self._adrift[task] = UNBOUND, carrier
            else:
                self._adrift[task] = RETURNING if task in back else PREEMPTED, carrier

    # --- types of behaviors

    def kind(self, address):
        """(readable C++ type, style) of a behavior_type."""
        if address not in self._kinds:
            try:
                fields = layout("behavior_type")
                name = text(
                    fields.read(address, "name._M_str"), fields.read(address, "name._M_len")
                )
                style = "direct" if fields.read(address, "run") else "handler"
            except Unavailable:
                name, style = "<unreadable>", "?"
            self._kinds[address] = name, style
        return self._kinds[address]
