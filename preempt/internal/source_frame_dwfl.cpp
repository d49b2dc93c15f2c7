// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/source_frame.hpp>

#include <cxxabi.h>
#include <dwarf.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace troupe::detail {
namespace {

struct free_memory {
  void operator()(void* p) const noexcept { std::free(p); }
};

std::string readable(const char* symbol) {
  int status = 0;
  const std::unique_ptr<char, free_memory> demangled(
      abi::__cxa_demangle(symbol, nullptr, nullptr, &status));
  std::string text = demangled != nullptr ? demangled.get() : symbol;
  constexpr std::size_t most = 200;  // arbitrary: names within std::regex take thousands
  if (text.size() > most) text.replace(most, std::string::npos, "...");
  return text;
}

std::string hex(const char* before, std::uint64_t number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%s0x%llx", before,
                static_cast<unsigned long long>(number));
  return text.data();
}

std::string place_in(const char* file, std::uint64_t line) {
  return std::string(" at ").append(file).append(":").append(std::to_string(line));
}

/// The line that the address belongs to; empty: it is not known.
std::string place_of(Dwfl_Module& module, Dwarf_Addr at) {
  Dwfl_Line* const found = ::dwfl_module_getsrc(&module, at);
  if (found == nullptr) return {};
  int line = 0;
  const char* const file = ::dwfl_lineinfo(found, nullptr, &line, nullptr, nullptr, nullptr);
  return file != nullptr ? place_in(file, static_cast<std::uint64_t>(line)) : std::string();
}

std::uint64_t number_in(Dwarf_Die& of, unsigned attribute) {
  Dwarf_Attribute found{};
  Dwarf_Word number = 0;
  if (::dwarf_attr(&of, attribute, &found) != nullptr) ::dwarf_formudata(&found, &number);
  return number;
}

/// Where the function around the inlined one calls it.
std::string call_of(Dwarf_Die& inlined, Dwarf_Die& unit) {
  Dwarf_Files* files = nullptr;
  if (::dwarf_getsrcfiles(&unit, &files, nullptr) != 0) return {};
  const char* const file =
      ::dwarf_filesrc(files, number_in(inlined, DW_AT_call_file), nullptr, nullptr);
  return file != nullptr ? place_in(file, number_in(inlined, DW_AT_call_line)) : std::string();
}

std::string name_of(Dwarf_Die& function) {
  Dwarf_Attribute found{};
  if (::dwarf_attr_integrate(&function, DW_AT_linkage_name, &found) != nullptr) {
    if (const char* const symbol = ::dwarf_formstring(&found)) return readable(symbol);
  }
  const char* const name = ::dwarf_diename(&function);
  return name != nullptr ? name : "(inlined)";
}

/// Adds the inlined functions. `place` is the innermost one's before, the outermost one's call
/// afterwards.
void add_inlined(std::vector<source_frame>& to, Dwfl_Module& module, Dwarf_Addr at,
                 std::string& place) {
  Dwarf_Addr bias = 0;
  Dwarf_Die* const unit = ::dwfl_module_addrdie(&module, at, &bias);
  if (unit == nullptr) return;
  Dwarf_Die* found = nullptr;
  if (::dwarf_getscopes(unit, at - bias, &found) <= 0) return;
  const std::unique_ptr<Dwarf_Die, free_memory> innermost(found);
  Dwarf_Die* scopes = nullptr;  // what is around it here, not where it is defined
  const int count = ::dwarf_getscopes_die(innermost.get(), &scopes);
  const std::unique_ptr<Dwarf_Die, free_memory> owner(scopes);
  for (int i = 0; i < count && ::dwarf_tag(&scopes[i]) != DW_TAG_subprogram; ++i) {
    if (::dwarf_tag(&scopes[i]) != DW_TAG_inlined_subroutine) continue;
    to.push_back({name_of(scopes[i]), place});
    place = call_of(scopes[i], *unit);
  }
}

/// "+0x12 (libx.so)"
std::string place_in_module(Dwfl_Module& module, const char* symbol, GElf_Off offset) {
  std::string place = symbol != nullptr ? hex("+", offset) : "";
  const char* const path =
      ::dwfl_module_info(&module, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
  if (path == nullptr) return place;
  const std::string_view whole(path);
  return place.append(" (").append(whole.substr(whole.rfind('/') + 1)).append(")");  // npos + 1: 0
}

}  // namespace

std::vector<source_frame> source_frames(Dwfl& session, Dwarf_Addr at) {
  Dwfl_Module* const module = ::dwfl_addrmodule(&session, at);
  if (module == nullptr) return {{hex("", at), ""}};
  std::vector<source_frame> frames;
  std::string place = place_of(*module, at);
  if (!place.empty()) add_inlined(frames, *module, at, place);
  GElf_Off offset = 0;
  GElf_Sym symbol{};
  const char* const name =
      ::dwfl_module_addrinfo(module, at, &offset, &symbol, nullptr, nullptr, nullptr);
  if (place.empty()) place = place_in_module(*module, name, offset);
  frames.push_back({name != nullptr ? readable(name) : hex("", at), place});
  return frames;
}

}  // namespace troupe::detail
