# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Commands that show gdb the actors of a troupe process or core file; see docs/debugging.md.

    (gdb) source /usr/share/troupe/gdb/troupe.gdb.py
    (gdb) help actors
"""

import pathlib
import sys

HERE = str(pathlib.Path(__file__).resolve().parent)

# Sourcing this file again takes up its changes.
for name in [n for n in sys.modules if n.partition(".")[0] == "troupe_gdb"]:
    del sys.modules[name]
sys.path.insert(0, HERE)
try:
    from troupe_gdb import commands
finally:
    sys.path.remove(HERE)

commands.register()
