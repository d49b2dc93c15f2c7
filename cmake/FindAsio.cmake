# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# Standalone Asio (headers only): target Asio::asio. Installed beside troupeConfig.cmake, because
# troupe's public headers include Asio and must see it configured in the same way.
find_path(Asio_INCLUDE_DIR asio/version.hpp)
mark_as_advanced(Asio_INCLUDE_DIR)

if(Asio_INCLUDE_DIR)
  # 102201 stands for 1.22.1
  file(STRINGS ${Asio_INCLUDE_DIR}/asio/version.hpp version_line REGEX "define ASIO_VERSION ")
  string(REGEX MATCH "[0-9]+" version_number "${version_line}")
  math(EXPR major "${version_number} / 100000")
  math(EXPR minor "${version_number} / 100 % 1000")
  math(EXPR patch "${version_number} % 100")
  set(Asio_VERSION ${major}.${minor}.${patch})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Asio REQUIRED_VARS Asio_INCLUDE_DIR VERSION_VAR Asio_VERSION)

if(Asio_FOUND AND NOT TARGET Asio::asio)
  # Asio asks for std::aligned_alloc before it includes any header that would tell: without the last
  # definition, what one source file allocates another may release in a different way.
  add_library(Asio::asio INTERFACE IMPORTED)
  set_target_properties(Asio::asio PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES ${Asio_INCLUDE_DIR}
    INTERFACE_COMPILE_DEFINITIONS "ASIO_STANDALONE;ASIO_NO_DEPRECATED;ASIO_HAS_STD_ALIGNED_ALLOC=1")
endif()
