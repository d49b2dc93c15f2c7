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

LONG_NAME = "iterating, and with a long name"
# Name: state, mode, queued messages, style, type. One has no name.
ACTORS = {
    "hits": ("idle", "none", "0", "handler", "subject::counter"),
    "": ("idle", "none", "0", "handler", "subject::large"),
    "silent": ("waiting for a message", "poll", "2", "direct", None),
    "relay": ("waiting for an answer", "switch", "0", "handler", "subject::relay"),
    "reader": ("waiting for a message", "poll", "0", "direct", None),
    "own-stack": ("waiting for a message", "poll", "0", "direct", None),
    "asker": ("waiting for an answer", "poll", "0", "direct", None),
    "sleeper": ("waiting for an answer", "poll", "0", "direct", None),
    LONG_NAME: ("waiting for a message", "poll", "0", "direct", None),
    "backlog": ("runnable", "none", "3", "handler", "subject::counter"),
    "yielder": ("runnable", "poll", "0", "direct", None),
    "blocker": ("running", "none", "0", "direct", None),
    "not-started": ("runnable", "poll", "0", "direct", None),
}
TOTALS = (
    "13 actors: 2 idle, 3 runnable, 1 running, 4 waiting for a message, 3 waiting for an answer"
)
# Functions of the subject's in each backtrace, innermost first.
BACKTRACES = {
    "silent": ["ignore_questions"],
    "relay": ["relay_question"],
    "reader": ["read_at_depth"] * 4,
    "own-stack": ["read_at_depth"],
    "asker": ["inner_question", "outer_question"],
    "sleeper": ["take_a_nap"],
    LONG_NAME: ["wait_in_sequence", "iterate_sequence"],
    "yielder": ["yield_for_ever"],
    "blocker": ["block_in_read"],
}
NO_BACKTRACES = {
    "hits": "is idle: no behavior of it is under way",
    "backlog": "is runnable: no behavior of it is under way",
    "not-started": "is runnable: its body has not started",
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


def check_listing(gdb, arguments):
    """Returns the actors' numbers, by name."""
    listing, where, waiting = gdb.ask(
        arguments, ["actors", "actors -where", "actors waiting subject::relay"]
    )
    found = by_name(listing)
    expect(found.keys() == ACTORS.keys(), "other actors are listed", listing)
    for name, wanted in ACTORS.items():
        same = all(w is None or w == f for w, f in zip(wanted, found[name].columns))
        expect(same, f"actor '{name}' is not listed as {wanted}", listing)
    expect(TOTALS in listing, f"the totals are not: {TOTALS}", listing)
    for name, functions in BACKTRACES.items():
        place = f"in subject::{functions[0]} at "
        expect(place in where or name == "blocker", f"nobody waits {place}", where)
    selected = [row.name for row in rows(waiting)]
    expect(selected == ["relay"] and "1 of them match" in waiting, "a selection", waiting)
    return {row.name: row.number for row in found.values()}


def check_backtraces(gdb, arguments, numbers):
    names = [*BACKTRACES, *NO_BACKTRACES]
    for name, text in zip(names, gdb.ask(arguments, [f"actor {numbers[n]} bt" for n in names])):
        # Neither the lambdas of these functions nor templates with their names in them.
        frame = rf"^#\d+ +(?:0x\w+ in )?subject::({NAMED})(?:\(.*?\))? \("
        functions = re.findall(frame, text, re.M)
        expect(functions == BACKTRACES.get(name, []), f"the backtrace of '{name}'", text)
        levels = [int(level) for level in re.findall(r"^#(\d+) ", text, re.M)]
        expect(levels == list(range(len(levels))), f"the frame numbers of '{name}'", text)
        expect(NO_BACKTRACES.get(name, "") in text, f"what is said of '{name}'", text)
        if name in BACKTRACES:
            last = text.strip().splitlines()[-1]
            expect("switch_steps::start" in last, f"the end of '{name}' is not found", text)


def check_details(gdb, arguments, numbers):
    unused = next(n for n in range(1, 1000) if n not in numbers.values())
    full, details, on_thread, ended, never, by_id = gdb.ask(
        arguments,
        [
            f"actor {numbers['reader']} bt full",
            f"actor {numbers['silent']}",
            f"actor {numbers['blocker']}",
            f"actor {unused} bt",
            "actor 5000",
            f"actor {1 << 32 | numbers['asker']}",
        ],
    )
    expect("depth = " in full or "No locals." in full, "bt full shows no locals", full)
    expect("2 queued, 2 of them passed over" in details, "passed over messages", details)
    expect("'silent'" in details and "generation 1" in details, "details", details)
    expect(re.search(r"worker 0, thread \d+ \(LWP \d+\)", on_thread), "a thread", on_thread)
    expect(re.search("has ended|has never been", ended), "an ended actor", ended)
    expect("there has never been an actor 5000" in never, "an unknown actor", never)
    expect("'asker'" in by_id, "an actor by its any_ref::id()", by_id)


def check_all(gdb, arguments):
    numbers = check_listing(gdb, arguments)
    check_backtraces(gdb, arguments, numbers)
    check_details(gdb, arguments, numbers)
    return numbers


def test_live_process(gdb, subject):
    with running(subject) as process:
        check_all(gdb, ["-p", str(process.pid)])
        expect(process.poll() is None, "the process did not survive being looked at", "")


def test_selected_frame_is_kept(gdb, subject):
    with running(subject) as process:
        before, _, _, after = gdb.ask(
            ["-p", str(process.pid)],
            ["up 2", "actors -where", "actor 3 bt", "frame"],
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
        check_all(gdb, [subject, str(cores[0])])


def test_core_by_gdb(gdb, subject):
    with tempfile.TemporaryDirectory() as folder:
        plain, whole = f"{folder}/plain", f"{folder}/whole"
        with running(subject) as process:
            gdb.run(
                ["-p", str(process.pid)], [f"generate-core-file {plain}", f"troupe-core {whole}"]
            )
        numbers = check_all(gdb, [subject, whole])
        # Complete only where guards are no part of the stacks' mapping: before Linux 6.13.
        listing, backtrace = gdb.ask([subject, plain], ["actors", f"actor {numbers['reader']} bt"])
        expect(TOTALS in listing, "a core file without stacks lists actors", listing)
        missing = "its stack is not in this core file" in backtrace
        expect(missing or backtrace.count("read_at_depth") == 4, "no stacks", backtrace)


def test_many_actors(gdb, subject):
    with running(subject, "20000") as process:
        first, next_page, some = gdb.ask(
            ["-p", str(process.pid)],
            ["actors -n 5", "actors -n 5 -from 6", "actors runnable waiting -n 3"],
        )
    expect([row.number for row in rows(first)] == [1, 2, 3, 4, 5], "five rows", first)
    expect("20013 actors: 20002 idle, " in first and "go on with -from 6" in first, "totals", first)
    expect([r.number for r in rows(next_page)] == [6, 7, 8, 9, 10], "the next page", next_page)
    expect(len(rows(some)) == 3 and "10 of them match" in some, "selected rows", some)


def test_damaged_memory(gdb, subject):
    with running(subject) as process:

        def look(damage, *commands):
            before = ["set language c++", *(f"set var {assignment}" for assignment in damage)]
            return gdb.ask(["-p", str(process.pid)], [*before, *commands])[len(before) :]

        (listing,) = look([], "actors")
        numbers = {row.name: row.number for row in rows(listing)}
        block = {}
        for name, details in zip(numbers, look([], *(f"actor {n}" for n in numbers.values()))):
            address = re.search(r"control_block\*\) (0x[0-9a-f]+)", details)[1]
            block[name] = f"(('troupe::detail::control_block'*) {address})"

        first_node = f"*(long*) &{block['backlog']}->mailbox.stub_"
        listing, stack, registers, details = look(
            [
                f"*(long*) &{block['hits']}->more = 8",
                f"*(long*) &{block['']}->home = 16",
                f"*(long*) &{block['reader']}->pinned = 24",
                f"*(long*) &{block['asker']}->pinned->stack_pointer_ = 32",
                f"*(long*) &{block['sleeper']}->type = 40",
                f"*(long*) {first_node} = {first_node}",  # its own successor
            ],
            "actors -where",
            f"actor {numbers['reader']} bt",
            f"actor {numbers['asker']} bt",
            f"actor {numbers['sleeper']}",
        )
        found = {row.number: row for row in rows(listing)}
        expect(found[numbers["hits"]].name == "<unreadable>", "a damaged name", listing)
        expect("the system at 0x10 is damaged" in listing, "a damaged system", listing)
        expect("in <cannot read " in listing, "a damaged generator", listing)
        expect(found[numbers["sleeper"]].type == "<unreadable>", "a damaged type", listing)
        expect(found[numbers["backlog"]].queued == "100+", "an endless mailbox", listing)
        expect(len(found) == len(ACTORS), "actors that are not damaged", listing)
        expect("troupe: cannot read " in stack, "a backtrace of a damaged generator", stack)
        expect("'asker'" in registers, "a backtrace from damaged registers", registers)
        expect("'sleeper' (<unreadable>)" in details, "details", details)

        slabs = "(*(long**) &'troupe::detail::(anonymous namespace)::block_depot'.slabs_)"
        (listing,) = look([f"{slabs}[0] = 48"], "actors")
        expect("actors in older slabs are not shown" in listing, "a damaged list", listing)
        expect("silent" in by_name(listing), "what comes before the damage", listing)
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


def test_process_without_troupe(gdb, _subject):
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
