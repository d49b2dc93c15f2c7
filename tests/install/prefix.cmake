# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# Installs TREE into PREFIX, anew, and looks at what has arrived.
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${TREE} --prefix ${PREFIX}
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

file(GLOB_RECURSE installed LIST_DIRECTORIES true ${PREFIX}/*)
foreach(path ${installed})
  if(path MATCHES "/internal(/|$)")
    message(FATAL_ERROR "not meant for users: ${path}")
  endif()
  if(path MATCHES "/include/" AND IS_SYMLINK ${path})
    message(FATAL_ERROR "a link into the source tree: ${path}")
  endif()
endforeach()
