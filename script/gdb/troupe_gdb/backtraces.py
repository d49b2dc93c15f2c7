# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Backtraces of threads, and of stacks that no thread runs on.

A suspended generator has its registers in memory. Writing them into a thread's would show its stack,
but a core file's registers cannot be written, and a live process should not be touched. So an
unwinder makes gdb believe that the innermost frame of the selected thread was called from there;
that one frame is cut off what is shown.
"""

import contextlib
import pathlib
import re

import gdb
import gdb.unwinder

from troupe_gdb.layout import Unavailable, word
from troupe_gdb.stacks import iterating_context, saved_registers, selection_kept

MOST_NESTED = 64  # generators that iterate inside one another
HANDLER_FRAMES = 32  # the handler's own are fewer
HANDLER = re.compile(r"^troupe::detail::\(anonymous namespace\)::on_signal\b")
PARAMETERS = re.compile(r"(?<!operator)\((?!anonymous namespace\))")
PRINTER_FAILURE = re.compile(r"Python Exception <class '[\w.]+'>: (.*)\n")
FRAME = re.compile(r"^#(\d+) +", re.MULTILINE)
# Nobody's own functions are in there, whatever their names.
SYSTEM_LIBRARY = re.compile(r"^(libc|libpthread|libstdc\+\+|libgcc_s|ld-linux[\w-]*)[.-]")


# --- unwinding


class FrameId:
    def __init__(self, registers):
        self.sp = word(registers["rsp"])
        self.pc = word(registers["rip"])


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
            info.add_saved_register(name, word(value))
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


def interrupted_frame():
    """The innermost frame of the selected thread that is not the preemption handler's."""
    newest = frame = gdb.newest_frame()
    for _ in range(HANDLER_FRAMES):
        outer = frame.older()
        if outer is None:
            break
        if outer.type() == gdb.SIGTRAMP_FRAME:
            return outer.older() or newest if HANDLER.match(frame.name() or "") else newest
        frame = outer
    return newest


def backtrace_of_thread(thread, full):
    with selection_kept():
        thread.switch()
        frame = interrupted_frame()
        stack_pointer = int(frame.read_register("sp"))
        shown = renumbered(gdb_backtrace(full), frame.level(), 0)
    caller = iterating_context(stack_pointer)
    if caller is not None:
        shown += backtrace_of_suspended(caller, full, frames_in(shown))
    return shown


def interrupted_stack_pointer(thread):
    with selection_kept():
        thread.switch()
        return int(interrupted_frame().read_register("sp"))


# --- functions of users'


def user_frame(generator):
    """Where a suspended behavior waits: its innermost function that belongs neither to troupe nor to
    the standard library, as text; empty when there is none."""
    for saved in suspended_segments(generator):
        with UNWINDER.shown_as_caller(saved) as frame:
            found = _first_of_users(frame)
        if found:
            return found
    return ""


def user_frame_of_thread(thread):
    """The same for a behavior that stands, or runs, on a thread of its own."""
    with selection_kept():
        thread.switch()
        frame = interrupted_frame()
        stack_pointer = int(frame.read_register("sp"))
        found = _first_of_users(frame)
    caller = None if found else iterating_context(stack_pointer)
    return found if caller is None else user_frame(caller)


def _first_of_users(frame):
    while frame is not None:
        name = frame.name() or ""
        if name and not name.startswith(("troupe::", "std::")) and not _is_system_s(frame):
            return f"{PARAMETERS.split(name)[0]}{_source(frame)}"
        frame = frame.older()
    return ""


def _is_system_s(frame):
    library = gdb.solib_name(frame.pc())
    return library is not None and SYSTEM_LIBRARY.match(pathlib.PurePath(library).name) is not None


def _source(frame):
    line = frame.find_sal()
    return f" at {line.symtab.filename}:{line.line}" if line.symtab is not None else ""
