# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# troupe_command_line(file...): sources whose work is to read a command line by CLI11. They take longest
# of all to optimise, and nobody waits for what they do, nor measures it: so they are not.
function(troupe_command_line)
  set_source_files_properties(${ARGN} PROPERTIES
    COMPILE_OPTIONS "-O0;-g1" SKIP_PRECOMPILE_HEADERS ON)
endfunction()
