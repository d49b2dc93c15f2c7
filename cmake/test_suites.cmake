# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors

# troupe_test_suites(target [PROPERTIES property value...]): makes each suite of a GoogleTest program
# one CTest test of that name. One process for each single test, as gtest_discover_tests() has it,
# spends more time on starting with a sanitizer than on most of the tests.
function(troupe_test_suites target)
  cmake_parse_arguments(ARG "" "" "PROPERTIES" ${ARGN})
  set(list "${CMAKE_CURRENT_BINARY_DIR}/${target}_suites.cmake")
  list(LENGTH ARG_PROPERTIES words)
  math(EXPR odd "${words} % 2")
  if(odd)
    message(FATAL_ERROR "${target}: a property of its tests has no value, or more than one")
  endif()
  list(JOIN ARG_PROPERTIES "\" \"" properties)
  file(GENERATE OUTPUT "${list}" CONTENT
"set(program \"$<TARGET_FILE:${target}>\")
set(properties \"${properties}\")
include(\"${CMAKE_CURRENT_FUNCTION_LIST_DIR}/list_test_suites.cmake\")
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${list}")
endfunction()
