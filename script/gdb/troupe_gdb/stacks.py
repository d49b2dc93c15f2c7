# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Backtraces of stacks that no thread runs on.

A suspended generator has its registers in memory. Writing them into a thread's would show its stack,
but a core file's registers cannot be written, and a live process should not be touched. So an
unwinder makes gdb believe that the innermost frame of the selected thread was called from there;
that one frame is cut off what is shown.
"""

import contextlib
import re

import gdb
import gdb.unwinder

from troupe_gdb.layout import POINTER, Unavailable, integer, layout, memory, static_variable

MOST_NESTED = 64  # generators that iterate inside one another
LEAST_STARTED = 128  # bytes: a generator that has run has left more than this on its stack
PARAMETERS = re.compile(r"(?<!operator)\((?!anonymous namespace\))")
PRINTER_FAILURE = re.compile(r"Python Exception <class '[\w.]+'>: (.*)\n")
FRAME = re.compile(r"^#(\d+) +", re.MULTILINE)


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


def symbol_at(address):
    return gdb.execute(f"info symbol {address:#x}", to_string=True)


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

    def carrying(self, worker):
        """The thread that carries a worker; None when that cannot be told."""
        on_stack = self.on_generator(worker.generator)
        if on_stack is not None:
            return on_stack
        # Its behavior has gone on to a stack of its own choice. A carrier lives on its thread's own
        # stack, right below the thread's control block.
        above = [(tp, thread) for thread, _, tp in self._places if tp > worker.carrier]
        return min(above, key=lambda found: found[0])[1] if above and worker.carrier else None

    def stack_pointer_of(self, wanted):
        for thread, stack_pointer, _ in self._places:
            if thread.ptid == wanted.ptid:
                return stack_pointer
        return 0


def _thread_pointer(frame):
    try:
        return int(frame.read_register("fs_base"))
    except (gdb.error, ValueError):  # no x86-64
        return 0


# --- unwinding


class FrameId:
    def __init__(self, registers):
        self.sp = _register(registers["rsp"])
        self.pc = _register(registers["rip"])


def _register(value):
    return gdb.Value(value.to_bytes(POINTER, "little"), gdb.lookup_type("unsigned long"))


class Unwinder(gdb.unwinder.Unwinder):
    """Inactive but within shown_as_caller(). There, the selected thread's innermost frame is claimed
    to have been called from the saved registers."""

    def __init__(self):
        super().__init__("troupe")
        self.enabled = False
        self.saved = None
        self.innermost = None

    def __call__(self, pending):
        if self.innermost is None or self.innermost != _position(pending):
            return None
        info = pending.create_unwind_info(FrameId(self.saved))
        for name, value in self.saved.items():
            info.add_saved_register(name, _register(value))
        return info

    @contextlib.contextmanager
    def shown_as_caller(self, saved):
        """Within the block, the frames behind the one the block gets are those of `saved`."""
        with selection_kept():
            self.innermost = _position(gdb.newest_frame())
            self.saved = saved
            self.enabled = True
            gdb.invalidate_cached_frames()
            try:
                frame = gdb.newest_frame()
                while frame is not None and _position(frame)[1] != saved["rsp"]:
                    frame = frame.older()
                if frame is None:
                    raise Unavailable("gdb cannot unwind from the saved registers")
                yield frame
            finally:
                self.enabled = False
                self.innermost = None
                gdb.invalidate_cached_frames()


def _position(frame):
    mask = (1 << 64) - 1
    return int(frame.read_register("rip")) & mask, int(frame.read_register("rsp")) & mask


UNWINDER = Unwinder()


def register_unwinder():
    gdb.unwinder.register_unwinder(None, UNWINDER, replace=True)


# --- backtraces


def renumbered(backtrace, first, start):
    """The frames of gdb's backtrace from number `first` on, counted from `start`."""
    begin = next((m.start() for m in FRAME.finditer(backtrace) if int(m[1]) == first), None)
    if begin is None:
        return ""
    return FRAME.sub(lambda m: f"#{int(m[1]) - first + start:<3}", backtrace[begin:])


def frames_in(backtrace):
    return sum(1 for _ in FRAME.finditer(backtrace))


def suspended_segments(generator):
    """Saved registers from the innermost stack outwards: more than one where the behavior waits in
    the body of a troupe::generator that it iterates."""
    for _ in range(MOST_NESTED):
        saved = saved_registers(generator)
        yield saved
        generator = iterating_context(saved["rsp"])
        if generator is None:
            return


def gdb_backtrace(full):
    """gdb's own. Its printers fail on some values that were optimized out, and say so at length."""
    text = gdb.execute(f"backtrace {full}", to_string=True)
    return PRINTER_FAILURE.sub(r"<\1>", text)


def backtrace_of_suspended(generator, full, start=0):
    shown = ""
    for saved in suspended_segments(generator):
        with UNWINDER.shown_as_caller(saved) as innermost:
            shown += renumbered(gdb_backtrace(full), innermost.level(), start + frames_in(shown))
    return shown


def backtrace_of_thread(thread, full, stack_pointer):
    with selection_kept():
        thread.switch()
        shown = gdb_backtrace(full)
    caller = iterating_context(stack_pointer)
    if caller is not None:
        shown += backtrace_of_suspended(caller, full, frames_in(shown))
    return shown


def user_frame(generator):
    """Where a suspended behavior waits: its innermost function that belongs neither to troupe nor to
    the standard library, as text; empty when there is none."""
    for saved in suspended_segments(generator):
        with UNWINDER.shown_as_caller(saved) as frame:
            while frame is not None:
                name = frame.name() or ""
                if name and not name.startswith(("troupe::", "std::")):
                    return f"{PARAMETERS.split(name)[0]}{_source(frame)}"
                frame = frame.older()
    return ""


def _source(frame):
    line = frame.find_sal()
    return f" at {line.symtab.filename}:{line.line}" if line.symtab is not None else ""
