# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# Compiles FILE as it is, which must succeed, and with -DTROUPE_WRONG, which must fail with the texts
# of its expect-error lines.
file(STRINGS ${FILE} expected REGEX "^// expect-error: ")
list(TRANSFORM expected REPLACE "^// expect-error: *" "")
if(NOT expected)
  message(FATAL_ERROR "${FILE}: no line '// expect-error: TEXT'")
endif()

list(TRANSFORM INCLUDES PREPEND -I)
list(TRANSFORM DEFINITIONS PREPEND -D)
set(command ${COMPILER} -std=c++20 -fsyntax-only ${INCLUDES} ${DEFINITIONS})

execute_process(COMMAND ${command} ${FILE} RESULT_VARIABLE result ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "does not compile without TROUPE_WRONG either:\n${output}")
endif()

execute_process(COMMAND ${command} -DTROUPE_WRONG ${FILE} RESULT_VARIABLE result
                ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "compiles, but must not")
endif()
foreach(text ${expected})
  string(FIND "${output}" "${text}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "is refused, but no error says '${text}':\n${output}")
  endif()
endforeach()
