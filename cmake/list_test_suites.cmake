# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors

# Run by CTest, see test_suites.cmake: asks `program` for its suites, and adds each with `properties`.
if(NOT EXISTS "${program}")
  add_test("${program} (not built)" "${program}")
  return()
endif()
execute_process(COMMAND "${program}" --gtest_list_tests TIMEOUT 60
  OUTPUT_VARIABLE listing RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${program} --gtest_list_tests: ${result}\n${listing}")
endif()
# "Suite." or "Suite.  # TypeParam = ...", at the begin of a line; its tests follow, indented. Found
# before any list is made of the text: what describes parameters may hold anything.
string(REGEX MATCHALL "(^|\n)[^ \n]+\\.[ \n]" heads "${listing}")
if(NOT heads)
  message(FATAL_ERROR "${program} lists no tests")
endif()
foreach(head IN LISTS heads)
  string(REGEX REPLACE "^\n|\\.[ \n]$" "" suite "${head}")
  if(NOT suite MATCHES "^[A-Za-z0-9_/]+$" OR suite MATCHES "DISABLED_")
    message(FATAL_ERROR "${program}: the suite '${suite}' cannot be named in a filter")
  endif()
  add_test("${suite}" "${program}" "--gtest_filter=${suite}.*")
  set_tests_properties("${suite}" PROPERTIES ${properties})
endforeach()
