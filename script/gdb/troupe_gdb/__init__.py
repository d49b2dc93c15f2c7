# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""troupe's data structures as gdb sees them.

layout: where fields lie, reading memory.  runtime: actors, workers, states.  stacks: what is on a
suspended actor's stack.  core_file: core files that hold the stacks.  commands: what users type.
"""
