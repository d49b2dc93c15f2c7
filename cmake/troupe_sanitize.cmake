# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# TROUPE_SANITIZE applies to the whole tree: mixing instrumented and plain code hides what the
# sanitizers are there to find. A report ends the program, so that no test passes over one.
if(TROUPE_SANITIZE)
  add_compile_options(-fsanitize=${TROUPE_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TROUPE_SANITIZE})
  if(TROUPE_SANITIZE STREQUAL "thread")
    # ThreadSanitizer does not know fences. Asio's are redundant where its schedulers lock.
    add_compile_definitions(ASIO_DISABLE_FENCED_BLOCK)
  endif()
  if(TROUPE_SANITIZE MATCHES undefined)
    # It looks at memory through a pipe, and takes every object for a wrong one where a process may
    # open no more descriptors: a state that tests bring about.
    add_compile_options(-fno-sanitize=vptr)
  endif()
endif()

# What is fuzzed tells libFuzzer which ways it takes.
if(TROUPE_BUILD_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang OR NOT TROUPE_SANITIZE MATCHES address)
    message(FATAL_ERROR "TROUPE_BUILD_FUZZ needs Clang and TROUPE_SANITIZE=address,undefined: preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Objects that end in a shared library must be position independent, those of a static one need not.
if(BUILD_SHARED_LIBS)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  # Programs are compiled with -fPIE then and libraries with -fPIC: a header that was precompiled for
  # one of them is none for the other.
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()
