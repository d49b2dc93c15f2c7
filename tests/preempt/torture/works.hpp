// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The kinds of work, one function for each; kinds.cpp says how often each is chosen. Many keep
// something for all toilers in statics: a process has one run.

namespace troupe::torture {

class stage;
class toiler;

// arithmetic.cpp
void prepare_arithmetic();
void arithmetic(toiler& t);
// avx2.cpp: bit for bit what plain arithmetic gives
bool has_avx2();
void avx2(toiler& t);
// exceptions.cpp: through many frames, nested, kept across a wait
void exceptions(toiler& t);
// text.cpp
void regex(toiler& t);
void iostream(toiler& t);
void piped_iostream(toiler& t);
// print.cpp: lines from all toilers through one FILE* and a pipe, to a reader that checks them
void begin_printing();
void print(toiler& t);
void end_printing(stage& s);
// locks.cpp: invariants that hold only outside of the locks
void mutexes(toiler& t);
void shared_mutexes(toiler& t);
void end_locks(stage& s);
// threads.cpp: what belongs to the thread
void thread_locals(toiler& t);
void end_thread_locals(stage& s);
void signals(toiler& t);
void begin_signals();
void alarms(toiler& t);
// libraries.cpp
void load_library(toiler& t);
void digest(toiler& t);
void compress(toiler& t);
// database.cpp
void begin_database();
void database(toiler& t);
void end_database(stage& s);
// processes.cpp
void fork_and_exec(toiler& t);
void lookup(toiler& t);
// conversation.cpp: what the framework offers
void send(toiler& t);
void ask(toiler& t);
void receive(toiler& t);
void section(toiler& t);
// blocking.cpp
void socket(toiler& t);
void pipe(toiler& t);
void block(toiler& t);

}  // namespace troupe::torture
