#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Runs tests of a GoogleTest program under valgrind, which must find nothing wrong with their stacks.

usage: check.py VALGRIND PROGRAM FILTER

Exit status 77, after a line that says why, when there is no valgrind.
"""

import os
import subprocess
import sys
import tempfile

NOT_TESTED = 77
PATIENCE = 120  # seconds; only a hang takes that long
FOUND = 99  # valgrind's exit status when it has found errors
# What it says when the stack pointer jumps far, to where it was told of no stack: that is no error.
GUESS = "client switching stacks?"


def main():
    valgrind, program, only = sys.argv[1:]
    if not os.access(valgrind, os.X_OK):
        print("not tested: valgrind is not installed")
        return NOT_TESTED
    with tempfile.NamedTemporaryFile("r", prefix="troupe-valgrind-") as log:
        # Without its fair scheduler, a thread that spins keeps the others from running.
        status = subprocess.run(
            [valgrind, "--fair-sched=try", f"--error-exitcode={FOUND}", f"--log-file={log.name}",
             program, f"--gtest_filter={only}"],
            check=False, timeout=PATIENCE).returncode
        report = log.read()
    if status == 0 and GUESS not in report:
        return 0
    print(report)
    print(f"failed: exit status {status}" + (f", and '{GUESS}'" if GUESS in report else ""))
    return 1


sys.exit(main())
