# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""The signal that interrupts behaviors: some hundred times a second, and none of a user's business.
"""

import contextlib
import signal

import gdb

from troupe_gdb import runtime
from troupe_gdb.layout import Unavailable, integer, layout, symbol_at

DEFAULT = 61  # preemption_options::signal = 0: SIGRTMAX - 3
FIRST_REALTIME = 32

_passed_on = set()


def name_of(number):
    """As gdb calls it."""
    return f"SIG{number}" if number >= FIRST_REALTIME else signal.Signals(number).name


def pass_on(number):
    """gdb neither stops at it nor mentions it, unless users have said so since. True: it did."""
    if number in _passed_on or number == signal.SIGINT:  # gdb needs the latter for itself
        return False
    _passed_on.add(number)
    gdb.execute(f"handle {name_of(number)} nostop noprint pass", to_string=True)
    return True


def signal_of(home):
    """What a scheduler interrupts its behaviors by; None where nothing does."""
    preemptor = integer(home + layout("scheduler").offset("preemptor_"))
    if preemptor == 0:
        return None
    if not symbol_at(integer(preemptor)).startswith("vtable for troupe::detail::signal_preemptor"):
        return None
    number = layout("signal_preemptor").read(preemptor, "signal_")
    return number if 0 < number <= 64 else None


def learn(homes):
    """Passes on the signals of these schedulers."""
    for home in homes:
        try:
            number = signal_of(home)
        except Unavailable:
            continue  # reported by those who show its actors
        if number is not None and pass_on(number):
            gdb.write(f"troupe: {name_of(number)} interrupts behaviors here; gdb passes it on\n")


def learn_from_process():
    """As learn(), for whatever systems can be found quickly."""
    with contextlib.suppress(Unavailable, gdb.error):  # no process yet, or no troupe in it
        learn(runtime.Runtime(lambda problem: None).homes())


def learn_from_thread():
    """The signal that stops a carrier may be its scheduler's first, before there are actors."""
    with contextlib.suppress(Unavailable, gdb.error):
        this = gdb.lookup_static_symbol("troupe::detail::(anonymous namespace)::current")
        carrier = int(this.value()) if this is not None else 0
        if carrier != 0:
            learn([layout("carrier").read(carrier, "home")])


def _on_stop(event):
    if isinstance(event, gdb.SignalEvent) and event.stop_signal not in ("SIGINT", "SIGTRAP"):
        learn_from_thread()


def register():
    pass_on(DEFAULT)
    learn_from_process()
    gdb.events.stop.connect(_on_stop)
