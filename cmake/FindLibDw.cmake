# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# libdw of elfutils: target LibDw::dw. Installed beside troupeConfig.cmake, because whoever links a
# static troupe must link it too.
find_path(LibDw_INCLUDE_DIR elfutils/libdwfl.h)
find_library(LibDw_LIBRARY dw)
mark_as_advanced(LibDw_INCLUDE_DIR LibDw_LIBRARY)

if(LibDw_INCLUDE_DIR)
  # 188 stands for 0.188
  file(STRINGS ${LibDw_INCLUDE_DIR}/elfutils/version.h version_line
       REGEX "define _ELFUTILS_VERSION[ \t]+[0-9]")
  string(REGEX MATCH "[0-9]+" version_number "${version_line}")
  set(LibDw_VERSION 0.${version_number})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibDw REQUIRED_VARS LibDw_LIBRARY LibDw_INCLUDE_DIR
                                  VERSION_VAR LibDw_VERSION)

if(LibDw_FOUND AND NOT TARGET LibDw::dw)
  add_library(LibDw::dw UNKNOWN IMPORTED)
  set_target_properties(LibDw::dw PROPERTIES
    IMPORTED_LOCATION ${LibDw_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${LibDw_INCLUDE_DIR})
endif()
