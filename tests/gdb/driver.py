# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""A gdb with troupe's script, a subject to look at, and what the script prints of it taken apart."""

import collections
import contextlib
import re
import subprocess
import sys

NOT_TESTED = 77
PATIENCE = 240  # seconds; only a hang takes that long

ORDER = (
    "idle", "runnable", "running", "preempted", "waits for a worker", "runs without a worker",
    "waiting for a message", "waiting in a call",
)
NOISE = ("Traceback", "Python Exception", "Error occurred in Python")


def skip(why):
    print(f"NOT TESTED: {why}")
    sys.exit(NOT_TESTED)


def expect(truth, what, output):
    if not truth:
        print(output)
        sys.exit(f"FAILED: {what}")


class Gdb:
    """A gdb with the script loaded."""

    def __init__(self, program, script):
        self.program, self.script = program, script

    def run(self, arguments, commands):
        """Everything gdb says."""
        call = [self.program, "-q", "-nx", "-batch", *arguments]
        for command in ("set width 0", f"source {self.script}", *commands):
            call += ["-ex", command]
        done = subprocess.run(
            call, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE, check=False, text=True, errors="replace",
        )
        refused = "ptrace: Operation not permitted|Could not (attach to|trace the inferior) process"
        if re.search(refused, done.stdout):
            skip("this machine does not let gdb attach to a process (ptrace)")
        for noise in NOISE:
            expect(noise not in done.stdout, f"users get to see '{noise}'", done.stdout)
        return done.stdout

    def ask(self, arguments, commands):
        """What gdb says to each of the commands, in a list."""
        marked = [c for command in commands for c in ("echo <<<\\n", command)]
        return self.run(arguments, marked).split("<<<\n")[1:]


@contextlib.contextmanager
def running(subject, *arguments, cwd=None):
    """A subject all of whose actors have got to where they are to be seen."""
    process = subprocess.Popen(
        [subject, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd
    )
    try:
        expect(process.stdout.readline() == "ready\n", "the subject does not get ready", "")
        yield process
    finally:
        process.kill()
        process.communicate()


class Row:
    """What `actors` prints of one actor."""

    FORM = re.compile(r"^ *(\d+)  (.{22})  (\w+) +([\d?+]+)  (\S+) +(.*?)  +(\S.*)$", re.M)

    def __init__(self, columns):
        self.number = int(columns[0])
        self.name, self.type = columns[5], columns[6]
        self.queued = columns[3]
        self.columns = (columns[1].strip(), *columns[2:5], self.type)


def rows(listing):
    return [Row(found.groups()) for found in Row.FORM.finditer(listing)]


def by_name(listing):
    return {row.name: row for row in rows(listing)}


def totals(listing):
    """The last line of a listing of all actors."""
    states = collections.Counter(row.columns[0] for row in rows(listing))
    parts = (f"{states[state]} {state}" for state in ORDER if states[state])
    return f"{sum(states.values())} actors: {', '.join(parts)}"
