// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace troupe::torture {
namespace {

struct closing {
  void operator()(sqlite3* base) const { sqlite3_close(base); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using base_ptr = std::unique_ptr<sqlite3, closing>;

base_ptr open() {
  sqlite3* base = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  const int result = sqlite3_open_v2(":memory:", &base, flags, nullptr);
  base_ptr owner(base);
  check(result == SQLITE_OK, "SQLite does not open");
  return owner;
}

void execute(sqlite3* base, const std::string& sql) {
  if (sqlite3_exec(base, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw wrong_answer("SQLite: " + sql + ": " + sqlite3_errmsg(base));
  }
}

std::int64_t number_of(sqlite3* base, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  check(sqlite3_prepare_v2(base, sql, -1, &raw, nullptr) == SQLITE_OK, "SQLite does not prepare");
  const std::unique_ptr<sqlite3_stmt, closing> statement(raw);
  check(sqlite3_step(raw) == SQLITE_ROW, "SQLite has no row");
  return sqlite3_column_int64(raw, 0);
}

base_ptr common;  // one connection for all, under SQLite's own lock
std::atomic<std::int64_t> common_updates{0};

}  // namespace

void begin_database() {
  common = open();
  execute(common.get(), "create table counts(n integer); insert into counts values(0)");
}

void database(toiler& t) {
  const base_ptr own = open();
  execute(own.get(), "create table numbers(n integer primary key, name text)");
  const auto rows = static_cast<std::int64_t>(1 + t.up_to(30));
  for (const char* end : {"rollback", "commit"}) {
    execute(own.get(), "begin");
    for (std::int64_t i = 1; i <= rows; ++i) {
      const std::string n = std::to_string(i);
      execute(own.get(), "insert into numbers values(" + n + ", 'number " + n + "')");
    }
    execute(own.get(), end);
  }
  check(number_of(own.get(), "select sum(n) from numbers") == rows * (rows + 1) / 2,
        "a transaction gave another sum");
  execute(common.get(), "update counts set n = n + 1");
  common_updates.fetch_add(1, std::memory_order_relaxed);
}

void end_database(stage&) {
  const std::int64_t n = number_of(common.get(), "select n from counts");
  common.reset();
  check(n == common_updates, "an update of the common database was lost");
}

}  // namespace troupe::torture
