#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Tests script/gdb/troupe.gdb.py on gdb_subject.

usage: check.py TEST GDB SCRIPT SUBJECT      (TEST: a function below without its test_)

Exit status 77, after a line that says why, when this machine does not let the test run.
"""

import contextlib
import pathlib
import re
import subprocess
import sys
import tempfile

NOT_TESTED = 77
PATIENCE = 240  # seconds; only a hang takes that long

# state, mode, queued messages, style, name, type
ACTORS = {
    1: ("idle", "none", "0", "handler", "hits", "subject::counter"),
    2: ("idle", "none", "0", "handler", "", "subject::large"),
    3: ("waiting for a message", "poll", "2", "direct", "silent", None),
    4: ("waiting for an answer", "switch", "0", "handler", "relay", "subject::relay"),
    5: ("waiting for a message", "poll", "0", "direct", "reader", None),
    6: ("waiting for a message", "poll", "0", "direct", "own-stack", None),
    7: ("waiting for an answer", "poll", "0", "direct", "asker", None),
    8: ("waiting for an answer", "poll", "0", "direct", "sleeper", None),
    9: ("waiting for a message", "poll", "0", "direct", "iterating, and with a long name", None),
    11: ("runnable", "none", "3", "handler", "backlog", "subject::counter"),
    12: ("runnable", "poll", "0", "direct", "yielder", None),
    13: ("running", "none", "0", "direct", "blocker", None),
    14: ("runnable", "poll", "0", "direct", "not-started", None),
}
TOTALS = (
    "13 actors: 2 idle, 3 runnable, 1 running, 4 waiting for a message, 3 waiting for an answer"
)
# Functions of the subject's in each backtrace, innermost first.
BACKTRACES = {
    3: ["ignore_questions"],
    4: ["relay_question"],
    5: ["read_at_depth"] * 4,
    6: ["read_at_depth"],
    7: ["inner_question", "outer_question"],
    8: ["take_a_nap"],
    9: ["wait_in_sequence", "iterate_sequence"],
    12: ["yield_for_ever"],
    13: ["block_in_read"],
}
NO_BACKTRACES = {
    1: "is idle: no behavior of it is under way",
    11: "is runnable: no behavior of it is under way",
    14: "is runnable: its body has not started",
}
NOISE = ("Traceback", "Python Exception", "Error occurred in Python")
NAMED = "|".join(sorted({f for functions in BACKTRACES.values() for f in functions}))


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
        if re.search(r"ptrace: Operation not permitted|Could not attach to process", done.stdout):
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


def rows(listing):
    """Number -> columns, of what `actors` prints."""
    form = r"^ *(\d+)  (.{22})  (\w+) +([\d?+]+)  (\S+) +(.*?)  +(\S.*)$"
    return {int(m[0]): [c.strip() for c in m[1:]] for m in re.findall(form, listing, re.M)}


def check_actors(gdb, arguments):
    """Listing, details and backtraces of a subject, alive or dead."""
    listing, where, waiting = gdb.ask(
        arguments, ["actors", "actors -where", "actors waiting subject::relay"]
    )
    found = rows(listing)
    expect(found.keys() == ACTORS.keys(), "other actors are listed", listing)
    for number, columns in ACTORS.items():
        same = all(w is None or w == f for w, f in zip(columns, found[number]))
        expect(same, f"actor {number} is not listed as {columns}", listing)
    expect(TOTALS in listing, f"the totals are not: {TOTALS}", listing)
    for functions in BACKTRACES.values():
        place = f"in subject::{functions[0]} at "
        expect(place in where or functions == BACKTRACES[13], f"no waiter is '{place}'", where)
    expect(list(rows(waiting)) == [4] and "1 of them match" in waiting, "selection", waiting)

    numbers = [*BACKTRACES, *NO_BACKTRACES]
    shown = gdb.ask(arguments, [f"actor {number} bt" for number in numbers])
    for number, text in zip(numbers, shown):
        functions = re.findall(rf"^#\d+ .*\bsubject::({NAMED}) ?\(", text, re.M)
        expect(functions == BACKTRACES.get(number, []), f"backtrace of actor {number}", text)
        levels = [int(level) for level in re.findall(r"^#(\d+) ", text, re.M)]
        expect(levels == list(range(len(levels))), f"frame numbers of actor {number}", text)
        expect(NO_BACKTRACES.get(number, "") in text, f"what is said of actor {number}", text)
        if number in BACKTRACES:
            bottom = "switch_steps::start"
            expect(bottom in text.splitlines()[-1], f"actor {number} does not end there", text)

    full, details, on_thread, ended, never, by_id = gdb.ask(
        arguments,
        ["actor 5 bt full", "actor 3", "actor 13", "actor 10 bt", "actor 5000", "actor 4294967303"],
    )
    expect("depth = " in full or "No locals." in full, "bt full shows no locals", full)
    expect("2 queued, 2 of them passed over" in details, "actor 3 has a stash", details)
    expect("actor 3 'silent'" in details and "generation 1" in details, "actor 3", details)
    expect(re.search(r"worker 0, thread \d+ \(LWP \d+\)", on_thread), "a thread", on_thread)
    expect("actor 10 has ended" in ended, "an ended actor", ended)
    expect("there has never been an actor 5000" in never, "an unknown actor", never)
    expect("actor 7 'asker'" in by_id, "an actor by its any_ref::id()", by_id)


def test_live_process(gdb, subject):
    with running(subject) as process:
        check_actors(gdb, ["-p", str(process.pid)])
        expect(process.poll() is None, "the process did not survive being looked at", "")


def test_selected_frame_is_kept(gdb, subject):
    with running(subject) as process:
        before, _, _, after = gdb.ask(
            ["-p", str(process.pid)],
            ["up 2", "actors -where", "actor 5 bt", "frame"],
        )
    expect(before.splitlines()[0] == after.splitlines()[0], "another frame", before + after)


def test_core_of_abort(gdb, subject):
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text(encoding="utf-8").strip()
    if "/" in pattern or pattern.startswith("|"):
        skip(f"this machine's kernel.core_pattern keeps core files elsewhere: {pattern}")
    with tempfile.TemporaryDirectory() as folder:
        with running(subject, "abort", cwd=folder) as process:
            process.communicate()
        cores = list(pathlib.Path(folder).iterdir())
        if not cores:
            skip("the kernel wrote no core file (is the hard limit of `ulimit -c` 0?)")
        check_actors(gdb, [subject, str(cores[0])])


def test_core_by_gdb(gdb, subject):
    with tempfile.TemporaryDirectory() as folder:
        plain, whole = f"{folder}/plain", f"{folder}/whole"
        with running(subject) as process:
            gdb.run(
                ["-p", str(process.pid)], [f"generate-core-file {plain}", f"troupe-core {whole}"]
            )
        check_actors(gdb, [subject, whole])
        # Complete only where guards are no part of the stacks' mapping: before Linux 6.13.
        listing, backtrace = gdb.ask([subject, plain], ["actors", "actor 5 bt"])
        expect(TOTALS in listing, "a core file without stacks lists actors", listing)
        missing = "its stack is not in this core file" in backtrace
        expect(missing or backtrace.count("read_at_depth") == 4, "no stacks", backtrace)


def test_many_actors(gdb, subject):
    with running(subject, "20000") as process:
        first, next_page, some = gdb.ask(
            ["-p", str(process.pid)],
            ["actors -n 5", "actors -n 5 -from 6", "actors runnable waiting -n 3"],
        )
    expect(list(rows(first)) == [1, 2, 3, 4, 5], "five rows", first)
    expect("20013 actors: 20002 idle, " in first and "go on with -from 6" in first, "totals", first)
    expect(list(rows(next_page)) == [6, 7, 8, 9, 10], "the next five rows", next_page)
    expect(len(rows(some)) == 3 and "10 of them match" in some, "selected rows", some)


def test_damaged_memory(gdb, subject):
    with running(subject) as process:
        attach = ["-p", str(process.pid)]

        def look(damage, *commands):
            writes = [f"set var {assignment}" for assignment in damage]
            return gdb.ask(attach, ["set language c++", *writes, *commands])[1 + len(writes) :]

        block = {}
        for number, details in zip(ACTORS, look([], *(f"actor {number}" for number in ACTORS))):
            address = re.search(r"control_block\*\) (0x[0-9a-f]+)", details)[1]
            block[number] = f"(('troupe::detail::control_block'*) {address})"

        listing, stack, registers, details = look(
            [
                f"*(long*) &{block[1]}->more = 8",
                f"*(long*) &{block[2]}->home = 16",
                f"*(long*) &{block[5]}->pinned = 24",
                f"*(long*) &{block[7]}->pinned->stack_pointer_ = 32",
                f"*(long*) &{block[8]}->type = 40",
                f"**(long**) &{block[11]}->mailbox.stub_ = *(long*) &{block[11]}->mailbox.stub_",
            ],
            *("actors -where", "actor 5 bt", "actor 7 bt", "actor 8"),
        )
        found = rows(listing)
        expect(found[1][4] == "<unreadable>", "a damaged name", listing)
        expect("the system at 0x10 is damaged" in listing, "a damaged system", listing)
        expect("in <cannot read " in listing, "a damaged generator", listing)
        expect(found[8][5] == "<unreadable>", "a damaged type", listing)
        expect(found[11][2] == "100+", "an endless mailbox", listing)
        expect(found[3][4] == "silent" and found[14], "actors that are not damaged", listing)
        expect("troupe: cannot read " in stack, "a backtrace of a damaged generator", stack)
        expect("actor 7 'asker'" in registers, "a backtrace from damaged registers", registers)
        expect("actor 8 'sleeper' (<unreadable>)" in details, "details", details)

        slabs = "(*(long**) &'troupe::detail::(anonymous namespace)::block_depot'.slabs_)"
        (listing,) = look([f"{slabs}[0] = 48"], "actors")
        expect("actors in older slabs are not shown" in listing, "a damaged list", listing)
        expect(rows(listing)[3][4] == "silent", "what comes before the damage", listing)
        (listing,) = look([f"{slabs} = (long*) 56"], "actors")
        expect("0 actors" in listing, "no list", listing)


def test_nothing_to_show(gdb, subject):
    for program in ([], [subject]):
        actors, actor, wrong = gdb.ask(program, ["actors", "actor 1 bt", "actor one"])
        expect("there is no process and no core file" in actors, "no process", actors)
        expect("there is no process and no core file" in actor, "no process", actor)
        expect(wrong.startswith("Usage: actor NUMBER"), "usage", wrong)
    usage, help_text = gdb.ask([], ["actors -x", "help actors"])
    expect(usage.startswith("Usage: actors "), "usage", usage)
    expect("Columns: number" in help_text, "help", help_text)
    with subprocess.Popen(["sleep", "1000"]) as stranger:
        try:
            (listing,) = gdb.ask(["-p", str(stranger.pid)], ["actors"])
        finally:
            stranger.kill()
    expect("no debug information of troupe" in listing, "a process without troupe", listing)


TESTS = {name[5:]: test for name, test in globals().items() if name.startswith("test_")}


def main():
    test, gdb, script, subject = sys.argv[1:]
    if gdb.endswith("NOTFOUND"):
        skip("there is no gdb; script/bootstrap installs it")
    TESTS[test](Gdb(gdb, script), subject)


if __name__ == "__main__":
    main()
