#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Tests script/gdb/troupe.gdb.py on gdb_subject.

usage: check.py TEST GDB SCRIPT SUBJECT      (TEST: a function below without its test_)

Exit status 77, after a line that says why, when this machine does not let the test run.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from driver import Gdb, by_name, expect, rows, running, skip, totals

LONG_NAME = "iterating, and with a long name"
# Name: state, mode, queued messages, style, type. One has no name.
ACTORS = {
    "hits": ("idle", "none", "0", "handler", "subject::counter"),
    "": ("idle", "none", "0", "handler", "subject::large"),
    "silent": ("waiting for a message", "poll", "2", "direct", None),
    "relay": ("waiting in a call", "switch", "0", "handler", "subject::relay"),
    "reader": ("waiting for a message", "poll", "0", "direct", None),
    "own-stack": ("waiting for a message", "poll", "0", "direct", None),
    "asker": ("waiting in a call", "poll", "0", "direct", None),
    "sleeper": ("waiting in a call", "poll", "0", "direct", None),
    LONG_NAME: ("waiting for a message", "poll", "0", "direct", None),
    "backlog": ("runnable", "none", "3", "handler", "subject::counter"),
    "yielder": ("runnable", "poll", "0", "direct", None),
    "blocker": ("running", "poll", "0", "direct", None),
    "not-started": ("runnable", "poll", "0", "direct", None),
    "returning": ("waits for a worker", "poll", "0", "direct", None),
    "keeper": ("running", "poll", "0", "direct", None),
    "unbound": ("runs without a worker", "poll", "0", "direct", None),
}
# These take turns on one worker: style, functions of the subject's.
SPINNERS = {
    "spinning-body": ("direct", ["spin_for_ever"]),
    "spinning-handler": ("handler", ["spin_for_ever"]),
    "spinning-generator": ("direct", ["spin_for_ever", "iterate_spinning"]),
}
# A long stop lets preempted ones go, for a while.
SPINNING = ("preempted", "running", "runs without a worker")
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
    "returning": ["return_from_read"],
    "keeper": ["block_in_read", "keep_worker"],
    "unbound": ["block_in_read"],
}
ON_WORKERS = ("blocker", "keeper")
SENTENCES = {
    "preempted": "is preempted, on thread ",
    "running": "runs on thread ",
    "runs without a worker": "runs without a worker, on thread ",
    "waits for a worker": "waits for a worker, on thread ",
}
NO_BACKTRACES = {
    "hits": "is idle: no behavior of it is under way",
    "backlog": "is runnable: no behavior of it is under way",
    "not-started": "is runnable: its body has not started",
}
NAMED = "|".join(
    sorted(
        {f for functions in BACKTRACES.values() for f in functions}
        | {f for _style, functions in SPINNERS.values() for f in functions}
    )
)


def check_listing(gdb, arguments):
    """Returns the actors' numbers, by name."""
    listing, where, waiting, unbound = gdb.ask(
        arguments, ["actors", "actors -where", "actors waiting subject::relay", "actors unbound"]
    )
    found = by_name(listing)
    expect(found.keys() == {*ACTORS, *SPINNERS}, "other actors are listed", listing)
    for name, wanted in ACTORS.items():
        same = all(w is None or w == f for w, f in zip(wanted, found[name].columns))
        expect(same, f"actor '{name}' is not listed as {wanted}", listing)
    expect(totals(listing) in listing, f"the totals are not: {totals(listing)}", listing)
    for name, functions in BACKTRACES.items():
        place = f"in subject::{functions[0]} at "
        expect(place in where or name in ON_WORKERS, f"nobody waits {place}", where)
    selected = [row.name for row in rows(waiting)]
    expect(selected == ["relay"] and "1 of them match" in waiting, "a selection", waiting)
    expect("unbound" in by_name(unbound), "those without a worker", unbound)
    return {row.name: row.number for row in found.values()}


def own_functions(backtrace):
    """The subject's: neither the lambdas of these functions nor templates with their names."""
    frame = rf"^#\d+ +(?:0x\w+ in )?subject::({NAMED})(?:\(.*?\))? \("
    return re.findall(frame, backtrace, re.M)


def check_backtrace(name, functions, text):
    expect(own_functions(text) == functions, f"the backtrace of '{name}'", text)
    levels = [int(level) for level in re.findall(r"^#(\d+) ", text, re.M)]
    expect(levels == list(range(len(levels))), f"the frame numbers of '{name}'", text)
    if functions:
        last = [line for line in text.splitlines() if line and line[0] != "["][-1]  # [... detached]
        expect("switch_steps::start" in last, f"the end of '{name}' is not found", text)


def check_backtraces(gdb, arguments, numbers):
    names = [*BACKTRACES, *NO_BACKTRACES]
    for name, text in zip(names, gdb.ask(arguments, [f"actor {numbers[n]} bt" for n in names])):
        check_backtrace(name, BACKTRACES.get(name, []), text)
        said = NO_BACKTRACES.get(name) or SENTENCES.get(ACTORS[name][0], "")
        expect(said in text, f"what is said of '{name}'", text)


def check_spinners(gdb, arguments, numbers):
    """Returns how many of them are preempted. Between two calls they go on."""
    commands = [f"actor {numbers[name]} bt" for name in SPINNERS]
    listing, *backtraces = gdb.ask(arguments, ["actors -where", *commands])
    found, preempted = by_name(listing), 0
    for (name, (style, functions)), text in zip(SPINNERS.items(), backtraces):
        state, mode, _queued, shown_style, _type = found[name].columns
        expect(state in SPINNING and shown_style == style, f"'{name}' in the listing", listing)
        expect(SENTENCES[state] in text, f"what is said of '{name}'", text)
        if state != "preempted":  # perhaps about to be
            continue
        preempted += 1
        expect(mode == ("poll" if style == "direct" else "switch"), "its run mode", listing)
        place = rf" {name} .*\n +on thread \d+ \(LWP \d+\)\n +in subject::spin_for_ever at "
        expect(re.search(place, listing), f"where '{name}' was stopped", listing)
        check_backtrace(name, functions, text)
        expect("subject::spin_for_ever" in text.splitlines()[1], "frames of the handler", text)
    return preempted


def check_details(gdb, arguments, numbers):
    unused = next(n for n in range(1, 1000) if n not in numbers.values())
    full, details, on_thread, adrift, ended, never, by_id = gdb.ask(
        arguments,
        [
            f"actor {numbers['reader']} bt full",
            f"actor {numbers['silent']}",
            f"actor {numbers['blocker']}",
            f"actor {numbers['unbound']}",
            f"actor {unused} bt",
            "actor 5000",
            f"actor {1 << 32 | numbers['asker']}",
        ],
    )
    expect("depth = " in full or "No locals." in full, "bt full shows no locals", full)
    expect("2 queued, 2 of them passed over" in details, "passed over messages", details)
    expect("'silent'" in details and "generation 1" in details, "details", details)
    expect(re.search(r"worker 0, thread \d+ \(LWP \d+\)", on_thread), "a thread", on_thread)
    expect(re.search(r"on +thread \d+ \(LWP \d+\)", adrift), "a thread without worker", adrift)
    expect(re.search(r"256 KiB, \d+ bytes in use", adrift), "a stack without worker", adrift)
    expect("in        subject::block_in_read at" in adrift, "where it blocks", adrift)
    expect(re.search("has ended|has never been", ended), "an ended actor", ended)
    expect("there has never been an actor 5000" in never, "an unknown actor", never)
    expect("'asker'" in by_id, "an actor by its any_ref::id()", by_id)


def check_all(gdb, arguments):
    numbers = check_listing(gdb, arguments)
    check_backtraces(gdb, arguments, numbers)
    check_details(gdb, arguments, numbers)
    preempted = 0
    for _ in range(10):  # of a core file they are the same each time
        preempted = preempted or check_spinners(gdb, arguments, numbers)
    expect(preempted > 0, "no actor is ever found preempted", "")
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
        commands = [f"actor {numbers[name]} bt" for name in ("reader", "unbound")]
        listing, backtrace, adrift, details = gdb.ask(
            [subject, plain], ["actors", *commands, f"actor {numbers['unbound']}"]
        )
        lists_all = by_name(listing).keys() == {*ACTORS, *SPINNERS} and totals(listing) in listing
        expect(lists_all, "a core file without stacks lists actors", listing)
        states = {row.name: row.columns[0] for row in rows(listing)}
        for name, (state, *_rest) in ACTORS.items():
            expect(states[name] == state, f"the state of '{name}' without stacks", listing)
        missing = "its stack is not in this core file"
        complete = missing not in backtrace
        expect(not complete or backtrace.count("read_at_depth") == 4, "no stacks", backtrace)
        expect(("block_in_read" if complete else missing) in adrift, "no stack of a thread", adrift)
        expect(complete or details.count(missing) == 2, "details without stacks", details)


def test_many_actors(gdb, subject):
    with running(subject, "20000") as process:
        first, next_page, some = gdb.ask(
            ["-p", str(process.pid)],
            ["actors -n 5", "actors -n 5 -from 6", "actors runnable waiting -n 3"],
        )
    expect([row.number for row in rows(first)] == [1, 2, 3, 4, 5], "five rows", first)
    total = f"{20000 + len(ACTORS) + len(SPINNERS)} actors: 20002 idle, "
    expect(total in first and "go on with -from 6" in first, "totals", first)
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
        expect(len(found) == len(ACTORS) + len(SPINNERS), "actors that are not damaged", listing)
        expect("troupe: cannot read " in stack, "a backtrace of a damaged generator", stack)
        expect("'asker'" in registers, "a backtrace from damaged registers", registers)
        expect("'sleeper' (<unreadable>)" in details, "details", details)

        home = re.search(r"scheduler\*\) (0x[0-9a-f]+)", details)[1]
        newest = f"*(long*) &(('troupe::detail::scheduler'*) {home})->carriers_.newest_"
        (listing,) = look([f"{newest} = 64"], "actors")
        expect(f"the system at {home} is damaged" in listing, "a damaged carrier", listing)
        member = "'troupe::detail::carrier_pool::member'*"
        (listing,) = look([f"(({member}) {newest})->before = ({member}) 72"], "actors")
        expect(f"the system at {home} is damaged" in listing, "a damaged pool", listing)
        expect("unbound" in by_name(listing), "actors of other systems", listing)

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


def is_passed_on(table):
    """What `info signals` says of one."""
    return re.search(r"^SIG\w+\s+No\s+No\s+Yes\b", table, re.M)


def test_preemption_signal(gdb, subject):
    """Neither the default one nor that of the process's own choice stops gdb."""
    (default,) = gdb.ask([], ["info signals SIG61"])
    expect(is_passed_on(default), "SIG61 is not passed on", default)
    with running(subject, "signal") as process:
        attached = ["-p", str(process.pid)]
        (at_once,) = gdb.ask(attached, ["info signals SIG44"])
        expect(is_passed_on(at_once), "the process's signal is not passed on", at_once)
        *_, later = gdb.ask([], [f"attach {process.pid}", "actors", "info signals SIG44"])
        expect(is_passed_on(later), "nor is it when the process comes later", later)


def test_run(gdb, subject):
    """Actors are preempted under gdb, and gdb does not stop. stdin is empty: the subject leaves.

    It gets no further than that: gdb 13 may fail when a process ends while gdb handles signals of
    its threads (linux-nat.c: "wait returned unexpected status")."""
    leaves = r"Breakpoint 1, .*subject::leave \(\)"
    _, default = gdb.ask([subject], ["break subject::leave", "run"])
    expect(re.search(leaves, default), "the subject does not run in gdb", default)
    expect("received signal" not in default, "gdb stops at the signal", default)
    commands = ["set args signal", "break subject::leave", "run", "continue"]
    *_, stopped, resumed = gdb.ask([subject], commands)
    expect("SIG44 interrupts behaviors here; gdb passes it on" in stopped, "a signal", stopped)
    expect(re.search(leaves, resumed), "gdb stops at the signal again", resumed)


TESTS = {name[5:]: test for name, test in globals().items() if name.startswith("test_")}


def main():
    test, gdb, script, subject = sys.argv[1:]
    if gdb.endswith("NOTFOUND"):
        skip("there is no gdb; script/bootstrap installs it")
    TESTS[test](Gdb(gdb, script), subject)


if __name__ == "__main__":
    main()
