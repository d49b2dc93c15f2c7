# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""troupe's data structures as gdb sees them.

layout: where fields lie, reading memory.  runtime: actors, workers, states.  carriers: the threads
behind workers.  stacks: where stacks were left.  backtraces: what is on them.  core_file: core files
that hold them.  signals: the one that preempts.  commands: what users type.
"""
