// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
// By libdw (elfutils), which is given the copy where it would read the memory of another process.
#include <troupe/preempt/internal/stack_trace.hpp>

#include <troupe/preempt/internal/source_frame.hpp>

#include <elfutils/libdwfl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

namespace troupe::detail {
namespace {

struct end_session {
  void operator()(Dwfl* s) const noexcept { ::dwfl_end(s); }
};
using session = std::unique_ptr<Dwfl, end_session>;

/// What the walk has found. Callbacks only note addresses: nothing may throw through libdw.
struct walk {
  const stack_copy& from;
  std::array<Dwarf_Addr, 64> frames{};
  std::size_t depth = 0;
};

/// Debug information that lies in files of its own, but none that would be fetched over a network.
int find_debug_file(Dwfl_Module* module, void** user, const char* name, Dwarf_Addr base,
                    const char* file, const char* link, GElf_Word checksum, char** found) {
  const char* const servers = std::getenv("DEBUGINFOD_URLS");
  if (servers != nullptr && *servers != '\0') return -1;
  return ::dwfl_standard_find_debuginfo(module, user, name, base, file, link, checksum, found);
}

/// There is one thread.
pid_t next_thread(Dwfl*, void* of_session, void** thread) {
  if (*thread != nullptr) return 0;
  *thread = of_session;
  return ::getpid();
}

bool read_memory(Dwfl*, Dwarf_Addr address, Dwarf_Word* word, void* of_session) {
  const stack_copy& copy = static_cast<const walk*>(of_session)->from;
  std::uint64_t value = 0;
  if (copy.read(address, value)) {
    *word = value;
    return true;
  }
  if (copy.is_on_stack(address)) return false;
  // The kernel reads it for us: where nothing is mapped (any more) it says so.
  const iovec to{word, sizeof(*word)};
  const iovec at{reinterpret_cast<void*>(address), sizeof(*word)};
  return ::process_vm_readv(::getpid(), &to, 1, &at, 1, 0) == ssize_t{sizeof(*word)};
}

bool set_registers(Dwfl_Thread* thread, void* of_thread) {
  const stack_copy& copy = static_cast<const walk*>(of_thread)->from;
  const auto& registers = copy.registers();
  static_assert(sizeof(Dwarf_Word) == sizeof(registers[0]));
  const auto count = static_cast<unsigned>(registers.size());
  if (!::dwfl_thread_state_registers(thread, 0, count, registers.data())) return false;
  ::dwfl_thread_state_register_pc(thread, copy.program_counter());
  return true;
}

/// Calls return behind the instruction that is of interest; an interrupt stands at it.
int note_frame(Dwfl_Frame* frame, void* argument) {
  auto& w = *static_cast<walk*>(argument);
  Dwarf_Addr counter = 0;
  bool interrupted = false;
  if (!::dwfl_frame_pc(frame, &counter, &interrupted) || counter == 0) return DWARF_CB_ABORT;
  w.frames[w.depth++] = interrupted ? counter : counter - 1;
  return w.depth < w.frames.size() ? DWARF_CB_OK : DWARF_CB_ABORT;
}

bool mentions(std::string_view function, std::span<const std::string_view> names) noexcept {
  return std::any_of(names.begin(), names.end(), [&](std::string_view n) {
    return function.find(n) != std::string_view::npos;
  });
}

/// Part of std::invoke.
bool is_invoke(std::string_view function) noexcept {
  static constexpr std::array<std::string_view, 2> names = {"std::__invoke", "std::invoke<"};
  return mentions(function, names) || function.starts_with("__invoke") ||
         function.starts_with("invoke<");
}

/// Cuts off where the runtime has called the behavior, and everything below.
void cut_off_runtime(std::vector<source_frame>& frames) {
  static constexpr std::array<std::string_view, 9> calls = {
      "troupe::detail::handle_message<",
      "troupe::detail::try_handler<",
      "troupe::detail::run_body<",
      "troupe::detail::direct_behavior<",
      "troupe::detail::launch_job<",
      "troupe::detail::activate_",
      "troupe::detail::(anonymous namespace)::activate_",
      "troupe::detail::worker::loop",
      "troupe::detail::worker::start_own_stack"};
  if (frames.empty()) return;
  // The innermost one stays in any case: the behavior may have become part of it.
  const auto first = std::find_if(frames.begin() + 1, frames.end(), [](const source_frame& f) {
    // Functions of one file have no full names in debug information.
    return mentions(f.function, calls) ||
           f.place.find("/actors/detail/behavior.hpp:") != std::string::npos;
  });
  if (first == frames.end()) return;
  frames.erase(first, frames.end());
  while (frames.size() > 1 && is_invoke(frames.back().function)) frames.pop_back();
}

/// Why the session does not know what is mapped where; empty: it does.
std::string report_modules(Dwfl& s) {
  const int error = ::dwfl_linux_proc_report(&s, ::getpid());
  if (error > 0) return "/proc/self/maps: " + std::generic_category().message(error);
  if (error < 0 || ::dwfl_report_end(&s, nullptr, nullptr) != 0) return ::dwfl_errmsg(-1);
  return {};
}

/// Why nothing has been found; empty: something has.
std::string find_frames(Dwfl& s, walk& w) {
  static constexpr Dwfl_Thread_Callbacks memory{&next_thread,   nullptr, &read_memory,
                                                &set_registers, nullptr, nullptr};
  if (!::dwfl_attach_state(&s, nullptr, ::getpid(), &memory, &w)) return ::dwfl_errmsg(-1);
  // An error ends the walk; what it has found by then counts.
  static_cast<void>(::dwfl_getthread_frames(&s, ::getpid(), &note_frame, &w));
  return w.depth == 0 ? ::dwfl_errmsg(-1) : std::string();
}

std::vector<std::string> lines_of(Dwfl& s, const walk& w) {
  std::vector<source_frame> frames;
  for (std::size_t i = 0; i < w.depth; ++i) {
    for (source_frame& f : source_frames(s, w.frames[i])) frames.push_back(std::move(f));
  }
  cut_off_runtime(frames);
  std::vector<std::string> lines;
  for (const source_frame& f : frames) lines.push_back(f.function + f.place);
  if (w.depth == w.frames.size()) lines.emplace_back("...");
  return lines;
}

std::vector<std::string> no_stack(const std::string& reason) {
  return {std::string("(no stack: ").append(reason).append(")")};
}

}  // namespace

std::vector<std::string> stack_trace(const stack_copy& from) {
  static std::mutex one_at_a_time;  // libdw promises nothing about sessions side by side
  const std::scoped_lock hold(one_at_a_time);
  if (!from.has_stack()) return no_stack("the behavior was on a stack that is not the runtime's");
  const Dwfl_Callbacks files{&::dwfl_linux_proc_find_elf, &find_debug_file, nullptr, nullptr};
  const session s(::dwfl_begin(&files));
  if (s == nullptr) return no_stack(::dwfl_errmsg(-1));
  if (const std::string error = report_modules(*s); !error.empty()) return no_stack(error);
  walk w{.from = from};
  if (const std::string error = find_frames(*s, w); !error.empty()) return no_stack(error);
  return lines_of(*s, w);
}

}  // namespace troupe::detail
