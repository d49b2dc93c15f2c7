# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# troupe_warnings(): for our own targets only; nothing of it reaches those who link them.
function(troupe_warnings target)
  if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
  endif()
endfunction()
