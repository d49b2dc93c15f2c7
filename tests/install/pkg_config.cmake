# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# Compiles and runs the program in SOURCE_DIR with the flags that pkg-config gives.
set(ENV{PKG_CONFIG_PATH} ${PREFIX}/${LIBRARY_DIR}/pkgconfig)
find_program(pkg_config NAMES pkg-config pkgconf REQUIRED)

execute_process(COMMAND ${pkg_config} --modversion troupe OUTPUT_VARIABLE found
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT found STREQUAL VERSION)
  message(FATAL_ERROR "pkg-config says version ${found}, not ${VERSION}")
endif()

execute_process(COMMAND ${pkg_config} --cflags --libs troupe OUTPUT_VARIABLE flags
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")
file(MAKE_DIRECTORY ${BINARY_DIR})
execute_process(
  COMMAND ${COMPILER} -std=c++20 -O2 ${SOURCE_DIR}/main.cpp -o ${BINARY_DIR}/program ${flags}
          -Wl,-rpath,${PREFIX}/${LIBRARY_DIR}
  COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${BINARY_DIR}/program COMMAND_ERROR_IS_FATAL ANY)
