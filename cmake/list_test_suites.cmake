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
string(REPLACE "\n" ";" lines "${listing}")
foreach(line IN LISTS lines)
  if(line MATCHES "^([^ ]+)\\.( |$)")  # its tests follow, indented
    set(suite "${CMAKE_MATCH_1}")
    add_test("${suite}" "${program}" "--gtest_filter=${suite}.*")
    set_tests_properties("${suite}" PROPERTIES ${properties})
  endif()
endforeach()
