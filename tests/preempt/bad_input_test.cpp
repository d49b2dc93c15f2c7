// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What the machine may refuse: threads, and /proc. Each of these needs a process of its own.
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::must_end;
using test::spin_for;
using test::spin_until;

/// A child that cannot be what the test needs ends with this code.
constexpr int not_permitted = 77;

/// For EXPECT_EXIT: whether the child ended well, or was not permitted to begin.
struct ends_well {
  bool& skipped;
  bool operator()(int status) const {
    skipped = WIFEXITED(status) && WEXITSTATUS(status) == not_permitted;
    return WIFEXITED(status) && (WEXITSTATUS(status) == 0 || skipped);
  }
};

// --- no threads

/// Root is not limited; and the limit is for all processes of a user, in his user namespace.
void become_a_user_without_processes() {
  if (::geteuid() != 0) {
    if (::unshare(CLONE_NEWUSER) != 0) std::_Exit(not_permitted);
    return;
  }
  const auto self = static_cast<uid_t>(::getpid());
  if (::setuid(1'000'000 + self) != 0 && ::setuid(20'000 + self % 40'000) != 0)
    std::_Exit(not_permitted);
}

void limit_threads(rlim_t most) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NPROC, &limit) != 0) std::_Exit(1);
  limit.rlim_cur = std::min(most, limit.rlim_max);
  if (::setrlimit(RLIMIT_NPROC, &limit) != 0) std::_Exit(1);
}

std::size_t count_threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

/// Standard error goes to a file while this lives.
class stderr_kept {
 public:
  stderr_kept() : file_(std::tmpfile()), before_(::dup(STDERR_FILENO)) {
    if (file_ == nullptr || ::dup2(::fileno(file_), STDERR_FILENO) < 0) std::_Exit(1);
  }
  ~stderr_kept() {
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
    std::fclose(file_);
  }
  stderr_kept(const stderr_kept&) = delete;
  stderr_kept& operator=(const stderr_kept&) = delete;

  std::string text() const {
    std::string all(static_cast<std::size_t>(::lseek(::fileno(file_), 0, SEEK_END)), '\0');
    const ssize_t n = ::pread(::fileno(file_), all.data(), all.size(), 0);
    all.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return all;
  }

 private:
  std::FILE* file_;
  int before_;
};

/// Four behaviors that compute, one after the other because none can be stopped.
void expect_progress_without_spares(system& sys) {
  std::atomic<int> done{0};
  for (int i = 0; i < 4; ++i) {
    sys.spawn([&](context&) {
      spin_for(50ms);
      ++done;
    });
  }
  if (!eventually([&] { return done == 4; })) std::_Exit(1);
  const preemption_statistics s = sys.preemption();
  if (s.preemptions != 0 || s.deferrals + s.left_running == 0) std::_Exit(2);
}

/// And what can be when threads are to be had again.
void expect_preemption(system& sys) {
  for (std::size_t i = 0; i < 2 * sys.worker_count(); ++i) {
    sys.spawn([&](context&) { spin_until([&] { return sys.preemption().preemptions != 0; }); });
  }
  must_end(sys);
}

[[noreturn]] void run_without_spares() {
  become_a_user_without_processes();
  std::string text;
  {
    const stderr_kept warnings;
    system sys({.workers = 1});
    limit_threads(0);
    expect_progress_without_spares(sys);
    expect_progress_without_spares(sys);
    text = warnings.text();
    limit_threads(RLIM_INFINITY);
    expect_preemption(sys);
  }
  std::fputs(text.c_str(), stderr);
  const std::string warning = "no spare carrier";
  const std::size_t first = text.find(warning);
  std::_Exit(first != std::string::npos && text.find(warning, first + 1) == std::string::npos ? 0
                                                                                              : 3);
}

TEST(BadInputDeathTest, NoThreadsForSpareCarriersGiveOneWarningAndNoPreemption) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  bool skipped = false;
  EXPECT_EXIT(run_without_spares(), ends_well{skipped},
              "^$|troupe: no spare carrier: .*RLIMIT_NPROC");
  if (skipped)
    GTEST_SKIP()
        << "needs root or a user namespace of its own, to be a user without other processes";
}

/// Says why a system does not start with so few threads, until it does.
[[noreturn]] void start_with_ever_more_threads() {
  become_a_user_without_processes();
  const std::size_t before = count_threads();
  for (rlim_t most = 0; most < 64; ++most) {
    // A thread that was joined may count for a while longer.
    if (!eventually([&] { return count_threads() == before; })) std::_Exit(1);
    limit_threads(most);
    try {
      const system sys({.workers = 2, .preempt = {.source = signal_source::monitor}});
      std::_Exit(0);
    } catch (const std::system_error& e) {
      std::fprintf(stderr, "%s\n", e.what());
    }
  }
  std::_Exit(2);
}

TEST(BadInputDeathTest, ASystemWithoutItsThreadsNamesTheLimit) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  bool skipped = false;
  EXPECT_EXIT(start_with_ever_more_threads(), ends_well{skipped},
              "^$|thread 1 .workers: 2.*RLIMIT_NPROC.*thread 2 .workers: 2.*RLIMIT_NPROC"
              ".*keeps spare carriers.*RLIMIT_NPROC.*preemption_options::mode"
              ".*watches the carriers.*RLIMIT_NPROC.*preemption_options::mode"
              ".*reports long behaviors.*RLIMIT_NPROC.*preemption_options::warn_after");
  if (skipped)
    GTEST_SKIP()
        << "needs root or a user namespace of its own, to be a user without other processes";
}

// --- no kernel timers

[[noreturn]] void run_without_timers(int signal) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_SIGPENDING, &limit) != 0) std::_Exit(1);
  limit.rlim_cur = 0;
  if (::setrlimit(RLIMIT_SIGPENDING, &limit) != 0) std::_Exit(1);
  {
    system sys({.workers = 2, .preempt = {.signal = signal}});
    if (signal < SIGRTMIN) expect_preemption(sys);
    for (int i = 0; i < 4; ++i) sys.spawn([&](context&) { spin_for(5ms); });
    must_end(sys);
  }
  std::_Exit(0);
}

// The kernel queues no real-time signals then, from whomever.
TEST(BadInputDeathTest, NoKernelTimersGiveOneWarningEachAndSignalsFromTheMonitor) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const std::string limit =
      "troupe: the kernel has no timer left for a carrier .limit: RLIMIT_SIGPENDING is 0, [^\n]*";
  const std::string bound = limit + "the monitor[^\n]*preemption_options::signal.\n";
  const std::string unbound = limit + "a behavior that comes back[^\n]*\n";
  for (const int signal : {SIGURG, SIGRTMIN + 5}) {  // two carriers write them, in either order
    EXPECT_EXIT(run_without_timers(signal), testing::ExitedWithCode(0),
                "^(" + bound + unbound + "|" + unbound + bound + ")$");
  }
}

// --- no /proc

/// In a mount namespace of its own.
bool cover_proc() {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("none", "/proc", "tmpfs", 0, nullptr) == 0;
}

/// Root in a container often may not do that, but this.
bool leave_proc() {
  std::string place = "/tmp/troupe-without-proc-XXXXXX";
  const int around = ::open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (around < 0 || ::mkdtemp(place.data()) == nullptr) return false;
  const bool left = ::chroot(place.c_str()) == 0 && ::chdir("/") == 0;
  ::unlinkat(around, place.c_str() + std::string("/tmp/").size(), AT_REMOVEDIR);
  ::close(around);
  return left;
}

bool hide_proc() { return (cover_proc() || leave_proc()) && ::access("/proc/self", F_OK) != 0; }

[[noreturn]] void run_without_proc() {
  if (!hide_proc()) std::_Exit(not_permitted);
  std::string stack;
  std::atomic<bool> told{false};
  system sys({.workers = 1,
              .preempt = {.warn_after = 30ms, .on_long_behavior = [&](const long_behavior& b) {
                            for (const std::string& frame : b.stack) stack += frame + ';';
                            told = true;
                          }}});
  for (int i = 0; i < 3; ++i) {
    sys.spawn(
        [&](context&) { spin_until([&] { return told && sys.preemption().preemptions != 0; }); });
  }
  must_end(sys);
  std::fprintf(stderr, "without /proc: %s\n", stack.c_str());
  std::_Exit(0);  // without destructors and leak checks: those of sanitizers need /proc
}

TEST(BadInputDeathTest, WithoutProcThereIsPreemptionAndTheReasonInPlaceOfAStack) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  bool skipped = false;
  EXPECT_EXIT(run_without_proc(), ends_well{skipped},
              "^$|^troupe: /proc cannot be read: [^\n]*\nwithout /proc: \\(no stack: "
              "[^;]*/proc/self/maps[^;]*\\);\n");
  if (skipped)
    GTEST_SKIP() << "needs a mount namespace of its own or chroot, which are not permitted here";
}

}  // namespace
}  // namespace troupe
