# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Stacks, where generators were left on them, and which thread is on which."""

import contextlib

import gdb

from troupe_gdb.layout import POINTER, Unavailable, integer, layout, static_variable, symbol_at, word

LEAST_STARTED = 128  # bytes: a generator that has run has left more than this on its stack


# --- where a generator was left


def saved_registers(generator):
    """Registers of a suspended generator by name."""
    own = layout("raw_generator").has("program_counter_")
    saved = own_registers(generator) if own else boost_registers(generator)
    if saved["rip"] == 0 or saved["rsp"] == 0:
        raise missing_stack()
    return saved


def own_registers(generator):
    """machine_context_x86_64.hpp."""
    fields = layout("raw_generator")
    return {
        "rip": fields.read(generator, "program_counter_"),
        "rsp": fields.read(generator, "stack_pointer_"),
        "rbp": fields.read(generator, "frame_pointer_"),
        "rbx": fields.read(generator, "rbx_"),
    }


def boost_registers(generator):
    """machine_context_boost.hpp: what jump_fcontext() of Boost 1.74 pushes."""
    if "x86-64" not in gdb.selected_inferior().architecture().name():
        raise Unavailable("suspended stacks can be shown on x86-64 only, so far")
    context = layout("raw_generator").read(generator, "context_")
    if context == 0:
        raise missing_stack()
    names = ("r12", "r13", "r14", "r15", "rbx", "rbp", "rip")
    saved = {name: integer(context + POINTER * i) for i, name in enumerate(names, 1)}
    saved["rsp"] = context + POINTER * (len(names) + 1)
    return saved


def missing_stack():
    return Unavailable("its stack is not in this core file: see `help troupe-core`")


def require_stack(generator):
    if layout("raw_generator").read(generator, "stack_") == 0:  # the generator lives on it
        raise missing_stack()


def stack_slabs():
    """(address, bytes between two stacks, number of stacks, address of their records)."""
    fields = layout("(anonymous namespace)::slab")
    slab = integer(static_variable("slabs"))
    for _ in range(1 << 20):
        if slab == 0:
            return
        yield tuple(fields.read(slab, f) for f in ("memory", "stride", "count", "stacks"))
        slab = fields.read(slab, "next")


class Stack:
    """One of troupe's stacks, by its record."""

    def __init__(self, record):
        self.record = record
        self.base = layout("stack").read(record, "base_")
        pool = layout("stack").read(record, "pool_")
        self.size = layout("stack_pool").read(pool, "size_")
        self.top = self.base + self.size

    def __contains__(self, address):
        return self.base <= address < self.top

    @staticmethod
    def of_generator(generator):
        record = layout("raw_generator").read(generator, "stack_")
        return Stack(record) if record != 0 else None

    @staticmethod
    def around(address):
        """The stack that contains an address; None when it is none of troupe's."""
        for first, stride, count, records in stack_slabs():
            if first <= address < first + stride * count:
                return Stack(records + (address - first) // stride * layout("stack").size)
        return None

    def generator(self):
        """The generator that lives at this stack's top: a colour of some cache lines below it."""
        fields = layout("raw_generator")
        at = self.top - fields.size & ~63
        for generator in range(at, at - 2048, -64):
            if fields.read(generator, "stack_") == self.record:
                return generator
        return None


def not_started(generator):
    return 0 <= generator - saved_registers(generator)["rsp"] < LEAST_STARTED


def iterating_context(stack_pointer):
    """Who iterates the troupe::generator on whose stack `stack_pointer` lies, as a suspended
    context; None when it is no such stack."""
    try:
        stack = Stack.around(stack_pointer)
        generator = stack.generator() if stack is not None else None
        if generator is None:
            return None
        entry = layout("raw_generator").read(generator, "run_")
        if not symbol_at(entry).startswith("troupe::detail::generator_core::enter("):
            return None
        core = layout("raw_generator").read(generator, "argument_")
        return layout("generator_core").read(core, "caller_") or None
    except Unavailable:
        return None


# --- threads


@contextlib.contextmanager
def selection_kept():
    """Whatever the block does, the same thread and frame are selected afterwards."""
    thread, level = gdb.selected_thread(), gdb.selected_frame().level()
    try:
        yield thread
    finally:
        thread.switch()
        with contextlib.suppress(gdb.error):
            gdb.execute(f"select-frame level {level}", to_string=True)


class Threads:
    """Which thread is where. Asked for once per command."""

    def __init__(self):
        self._places = []  # (thread, stack pointer, thread pointer)
        with selection_kept():
            for thread in gdb.selected_inferior().threads():
                with contextlib.suppress(gdb.error):  # one that runs or has just ended
                    thread.switch()
                    frame = gdb.newest_frame()
                    stack_pointer = int(frame.read_register("sp"))
                    self._places.append((thread, stack_pointer, _thread_pointer(frame)))

    def on_generator(self, generator):
        """The thread whose stack pointer lies on the generator's stack."""
        try:
            stack = Stack.of_generator(generator)
        except Unavailable:
            return None
        for thread, stack_pointer, _ in self._places:
            if stack is not None and stack_pointer in stack:
                return thread
        return None

    def of_handle(self, handle):
        """The thread of that pthread_t; None when that cannot be told."""
        if handle == 0:
            return None
        for thread, _, thread_pointer in self._places:
            if thread_pointer == handle:  # as the GNU C library has it on x86-64
                return thread
        try:
            return gdb.selected_inferior().thread_from_handle(word(handle))
        except (gdb.error, TypeError, ValueError):  # there is no libthread_db
            return None

    def carrying(self, worker):
        """The thread that carries a worker; None when that cannot be told."""
        return self.of_handle(worker.handle) or self.on_generator(worker.generator)


def _thread_pointer(frame):
    try:
        return int(frame.read_register("fs_base"))
    except (gdb.error, ValueError):  # no x86-64
        return 0
