# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""The commands that users type."""

import collections
import re

import gdb

from troupe_gdb import backtraces, core_file, layout, runtime, signals, stacks
from troupe_gdb.layout import Unavailable

SELECTIONS = {
    "idle": (runtime.IDLE,),
    "runnable": (runtime.RUNNABLE,),
    "running": (runtime.RUNNING,),
    "preempted": (runtime.PREEMPTED,),
    "returning": (runtime.RETURNING,),
    "unbound": (runtime.UNBOUND,),
    "waiting": (runtime.MESSAGE, runtime.CALL),
}


def write(text):
    gdb.write(text + "\n")


def complain(problem):
    gdb.write(f"troupe: {problem}\n", gdb.STDERR)


class Command(gdb.Command):
    """A command that reports what goes wrong in one line."""

    def __init__(self, name, completer=gdb.COMPLETE_NONE):
        super().__init__(name, gdb.COMMAND_STATUS, completer)

    def invoke(self, argument, _from_tty):
        self.dont_repeat()
        try:
            self.run(gdb.string_to_argv(argument))
        except Unavailable as problem:
            raise gdb.GdbError(f"troupe: {problem}") from None
        except KeyboardInterrupt:
            raise gdb.GdbError("troupe: interrupted") from None
        except gdb.GdbError:
            raise
        except Exception as problem:  # a defect, or memory damaged in a way nobody foresaw
            raise gdb.GdbError(f"troupe: {type(problem).__name__}: {problem}") from None

    def usage(self):
        raise gdb.GdbError(re.search("Usage: .*", self.__doc__)[0])


class Actors(Command):
    """List the actors that live.

    Usage: actors [-n COUNT] [-from NUMBER] [-where] [STATE | TEXT]...

    STATE is idle, runnable, running, preempted, unbound (those that run without a worker), returning
    (those that have come back and wait for one) or waiting; TEXT is part of an actor's name or of the C++ type
    of its behavior. Actors that match all of them are listed.
      -n COUNT      list COUNT at most (default 1000; 0: all of them)
      -from NUMBER  begin with that actor
      -where        also the function in which each actor waits, or has been preempted

    Columns: number (see `help actor`); state; run mode: none, switch (a handler, left in the middle)
    or poll (direct style), both with a stack of its own; messages in the mailbox; style; name;
    type."""

    ROW = "{:>8}  {:<22}  {:<6}  {:>6}  {:<7}  {:<16}  {}"

    def __init__(self):
        super().__init__("actors")

    def run(self, arguments):
        self.most, self.first, self.where = 1000, 0, False
        self.states, self.texts = set(), []
        self._parse(arguments)
        self.world = runtime.Runtime(complain)
        self.threads = None
        totals, matching, shown, more, last = collections.Counter(), 0, 0, 0, 0
        for address, fields in self.world.live():
            state = self.world.state_of(address, fields)
            totals[state] += 1
            if not self._selects(state, address, fields):
                continue
            matching += 1
            if fields[self.world.slot] < self.first - 1:
                continue
            if shown == self.most:
                more += 1
                continue
            actor = runtime.Actor(self.world, address, fields)
            self._show(actor, shown == 0)
            shown, last = shown + 1, actor.number
        self._sum_up(totals, matching)
        signals.learn(self.world.known_homes())
        if more > 0:
            write(f"{more} more: go on with -from {last + 1}, or choose another -n")

    def _parse(self, arguments):
        rest = iter(arguments)
        try:
            for argument in rest:
                if argument == "-n":
                    self.most = int(next(rest)) or float("inf")
                elif argument == "-from":
                    self.first = int(next(rest))
                elif argument == "-where":
                    self.where = True
                elif argument.startswith("-"):
                    self.usage()
                elif argument in SELECTIONS:
                    self.states.update(SELECTIONS[argument])
                else:
                    self.texts.append(argument)
        except (StopIteration, ValueError):
            self.usage()

    def _selects(self, state, address, fields):
        if self.states and state not in self.states:
            return False
        if not self.texts:  # no object is made for what is only counted: there may be a million
            return True
        actor = runtime.Actor(self.world, address, fields)
        return all(t in actor.name or t in actor.type_name for t in self.texts)

    def _show(self, actor, is_first):
        if is_first:
            write(self.ROW.format("number", "state", "mode", "queued", "style", "name", "type"))
        row = (actor.number, actor.state, actor.mode, actor.queued(100), actor.style, actor.name)
        write(self.ROW.format(*row, actor.type_name))
        thread = self._thread(actor)
        if actor.worker is not None or actor.carrier is not None:
            write(f"{'':>8}  on {place(actor, thread)}")
        if self.where and actor.generator:
            write(f"{'':>8}  in {where(actor, thread)}")

    def _thread(self, actor):
        if actor.worker is None and actor.carrier is None:
            return None
        if self.threads is None:
            self.threads = stacks.Threads()
        return thread_of(actor, self.threads)

    def _sum_up(self, totals, matching):
        parts = [f"{totals[state]} {state}" for state in runtime.STATES if totals[state]]
        total = sum(totals.values())
        write(f"{count(total, 'actor')}{': ' if parts else ''}{', '.join(parts)}")
        if self.states or self.texts:
            write(f"{matching} of them match")


class OneActor(Command):
    """Show one actor, or its backtrace.

    Usage: actor NUMBER [bt [full]]

    NUMBER is the one that `actors` and troupe's reports show, or any_ref::id(). Without bt: state,
    messages, stack, system. With bt: the stack on which the actor waits, or the thread that runs it
    or on which it has been preempted; full adds the local variables."""

    SENTENCES = {
        runtime.PREEMPTED: "is preempted, on",
        runtime.RETURNING: "waits for a worker, on",
        runtime.UNBOUND: "runs without a worker, on",
    }

    def __init__(self):
        super().__init__("actor")

    def run(self, arguments):
        options = arguments[1:]
        if not arguments or options not in ([], ["bt"], ["bt", "full"]):
            self.usage()
        try:
            number = int(arguments[0], 0)
        except ValueError:
            self.usage()
        actor = runtime.Runtime(complain).actor(number)
        signals.learn(actor.runtime.known_homes())
        if not options:
            self._describe(actor)
        else:
            self._backtrace(actor, "full" if len(options) == 2 else "")

    def _describe(self, actor):
        write(f"{title(actor)}: {actor.state}")
        rows = [
            ("id", f"{actor.id} (generation {actor.generation})"),
            ("style", actor.style),
            ("run mode", actor.mode),
            ("messages", self._messages(actor)),
            ("priority", ("high", "normal", "low")[actor.read("prio") % 3]),
            ("system", self._system(actor)),
            ("block", f"(troupe::detail::control_block*) {actor.address:#x}"),
            ("behavior", self._behavior(actor)),
        ]
        thread = thread_of(actor, stacks.Threads())
        if actor.generator:
            rows[0:0] = [("in", where(actor, thread)), ("stack", self._stack(actor, thread))]
        if actor.worker is not None or actor.carrier is not None:
            rows.insert(0, ("on", place(actor, thread)))
        for name, value in rows:
            write(f"  {name:<9} {value}")

    def _messages(self, actor):
        parts = [f"{actor.queued(100000)} queued"]
        passed_over = attempt(lambda: actor.count_passed_over(100000))
        if passed_over:
            parts.append(f"{passed_over} of them passed over by receive")
        if actor.read("end_requested"):
            parts.append("asked to end")
        return ", ".join(parts)

    def _system(self, actor):
        if actor.home == 0:
            return "none: it has been destroyed"
        workers = actor.runtime.workers(actor.home)
        return f"(troupe::detail::scheduler*) {actor.home:#x}, {count(len(workers), 'worker')}"

    def _behavior(self, actor):
        address = actor.read("behavior")
        if actor.style == "handler":
            return f"('{actor.type_name}'*) {address:#x}"
        return f"{address:#x}"

    def _stack(self, actor, thread):
        def measured():
            stacks.require_stack(actor.generator)
            stack = stacks.Stack.of_generator(actor.generator)
            pointer = 0
            if actor.carrier is None:
                pointer = stacks.saved_registers(actor.generator)["rsp"]
            elif thread is not None:
                pointer = backtraces.interrupted_stack_pointer(thread)
            text = f"{stack.base:#x} to {stack.top:#x}, {stack.size // 1024} KiB"
            return f"{text}, {stack.top - pointer} bytes in use" if pointer in stack else text

        return attempt(measured)

    def _backtrace(self, actor, full):
        threads = stacks.Threads()
        thread = thread_of(actor, threads)
        if actor.carrier is not None:
            write(f"{title(actor)} {self.SENTENCES[actor.state]} {describe_thread(thread)}")
            stacks.require_stack(actor.generator)
        else:
            if thread is None and actor.pinned:
                thread = threads.on_generator(actor.pinned)  # on its way into or out of a wait
            if actor.worker is not None or thread is not None:
                write(f"{title(actor)} runs on {describe_thread(thread)}")
        if thread is not None:
            gdb.write(backtraces.backtrace_of_thread(thread, full))
        elif actor.worker is None and actor.carrier is None:
            self._backtrace_without_thread(actor, full)

    def _backtrace_without_thread(self, actor, full):
        if not actor.pinned:
            write(f"{title(actor)} is {actor.state}: no behavior of it is under way")
        elif stacks.not_started(actor.pinned):
            write(f"{title(actor)} is {actor.state}: its body has not started")
        else:
            write(f"{title(actor)} is {actor.state}")
            gdb.write(backtraces.backtrace_of_suspended(actor.pinned, full))


class TroupeCore(Command):
    """Write a core file of the process that holds the stacks of its actors.

    Usage: troupe-core [FILE]

    As generate-core-file, which gives up at the guard regions between stacks on Linux 6.13 and later
    and leaves out what is behind them. FILE is core.PID when it is left out."""

    def __init__(self):
        super().__init__("troupe-core", gdb.COMPLETE_FILENAME)

    def run(self, arguments):
        if len(arguments) > 1:
            self.usage()
        runtime.Runtime(complain)  # a process with troupe in it, or an error
        core_file.write(arguments[0] if arguments else f"core.{gdb.selected_inferior().pid}")


def title(actor):
    name = f" '{actor.name}'" if actor.name else ""
    return f"actor {actor.number}{name} ({actor.type_name})"


def where(actor, thread):
    """In which function an actor that holds a stack waits, stands or runs."""

    def found():
        if actor.carrier is not None:
            stacks.require_stack(actor.generator)
            if thread is None:
                raise Unavailable("its thread cannot be told")
            function = backtraces.user_frame_of_thread(thread)
        elif stacks.not_started(actor.pinned):
            return "a body that has not started"
        else:
            function = backtraces.user_frame(actor.pinned)
        return function or "a function without a name"

    return attempt(found)


def thread_of(actor, threads):
    """The thread that an actor runs on or has been stopped on."""
    if actor.carrier is not None:
        return threads.of_handle(actor.carrier.handle)
    return threads.carrying(actor.worker) if actor.worker is not None else None


def place(actor, thread):
    worker = f"worker {actor.worker.index}, " if actor.worker is not None else ""
    return worker + describe_thread(thread)


def attempt(answer):
    """The text that `answer()` gives, or why there is none."""
    try:
        return answer()
    except (Unavailable, gdb.error) as problem:
        return f"<{problem}>"


def describe_thread(thread):
    if thread is None:
        return "a thread that cannot be told"
    return f"thread {thread.num} (LWP {thread.ptid[1]})"


def count(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


def register():
    layout.forget()
    layout.forget_when_programs_change()
    backtraces.register_unwinder()
    signals.register()
    Actors()
    OneActor()
    TroupeCore()
