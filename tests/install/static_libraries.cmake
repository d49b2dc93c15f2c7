# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# Links static_program statically, with the flags that pkg-config gives, and runs it.
set(SOURCE_DIR ${CMAKE_CURRENT_LIST_DIR}/static_program)
set(ENV{PKG_CONFIG_PATH} ${PREFIX}/${LIBRARY_DIR}/pkgconfig)
find_program(pkg_config NAMES pkg-config pkgconf REQUIRED)

execute_process(COMMAND ${pkg_config} --static --cflags --libs troupe OUTPUT_VARIABLE flags
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")
file(MAKE_DIRECTORY ${BINARY_DIR})

# Not every system has the C library, and what libdw needs, for that.
file(WRITE ${BINARY_DIR}/probe.cpp "int main() {}\n")
set(others ${flags})
list(REMOVE_ITEM others -ltroupe)
execute_process(COMMAND ${COMPILER} -static ${BINARY_DIR}/probe.cpp -o ${BINARY_DIR}/probe ${others}
                RESULT_VARIABLE failed ERROR_VARIABLE error)
if(failed)
  message("skipped: a library is missing for static programs\n${error}")
  return()
endif()

execute_process(
  COMMAND ${COMPILER} -std=c++20 -O2 -static ${SOURCE_DIR}/main.cpp -o ${BINARY_DIR}/program ${flags}
  COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${BINARY_DIR}/program OUTPUT_VARIABLE frames ERROR_VARIABLE warnings
                RESULT_VARIABLE failed)
message("${frames}${warnings}")
if(failed)
  message(FATAL_ERROR "the program ended with ${failed}")
endif()
string(REGEX MATCHALL "preemption::isolate in place of preemption::full" found "${warnings}")
list(LENGTH found count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "the program has warned ${count} times, not once")
endif()
if(NOT frames MATCHES "compute_without_end")
  message(FATAL_ERROR "the function that was busy is not in the stack")
endif()
