# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors

include(troupe_coroutines)

# troupe_doc_snippets(): compiles every cpp block of README.md and docs/*.md as part of the build,
# and links those that are programs. An error names the line of the Markdown file.
function(troupe_doc_snippets)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  file(GLOB_RECURSE pages RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
       ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/docs/*.md)
  if(NOT TROUPE_TLS)
    list(REMOVE_ITEM pages docs/tls.md)
  endif()
  set(extractor ${PROJECT_SOURCE_DIR}/cmake/doc_snippets.py)
  # A changed page configures anew, which extracts its blocks again.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${extractor} ${pages})

  execute_process(
    COMMAND ${Python3_EXECUTABLE} ${extractor} ${PROJECT_SOURCE_DIR}
            ${PROJECT_BINARY_DIR}/doc_snippets ${pages}
    OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" found "${found}")

  set(units "")
  foreach(snippet ${found})
    string(REGEX MATCH "^([a-z]+) (.*)$" _ "${snippet}")
    set(path ${CMAKE_MATCH_2})
    if(CMAKE_MATCH_1 STREQUAL "program")
      cmake_path(GET path STEM name)
      add_executable(doc_${name} ${path})
      set_target_properties(doc_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY doc_snippets)
      _troupe_doc_snippet_options(doc_${name})
    else()
      list(APPEND units ${path})
    endif()
  endforeach()
  if(units)
    add_library(doc_snippets OBJECT ${units})
    _troupe_doc_snippet_options(doc_snippets)
    target_precompile_headers(doc_snippets PRIVATE <troupe/troupe.hpp>)
  endif()
endfunction()

# What readers copy must be clean under the usual warnings, but may leave a variable unused: a page
# ends where its point is made. GCC 12 takes the frame of a coroutine that is optimized for one that
# other files could know (-Wsubobject-linkage).
function(_troupe_doc_snippet_options target)
  target_link_libraries(${target} PRIVATE troupe::troupe)
  troupe_coroutines(${target} PRIVATE)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wno-unused-variable -Wno-unused-but-set-variable -Wno-unused-parameter
    -Wno-unused-function $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage> -Werror)
endfunction()
