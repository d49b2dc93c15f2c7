# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# What `cmake --install` adds to the headers of the layers: the library, the CMake package
# (find_package(troupe), target troupe::troupe) and troupe.pc for pkg-config.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/troupe)

install(TARGETS troupe EXPORT troupeTargets)
install(EXPORT troupeTargets NAMESPACE troupe:: DESTINATION ${package_dir})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/troupeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/troupeConfig.cmake INSTALL_DESTINATION ${package_dir})
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/troupeConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/troupeConfig.cmake
              ${PROJECT_BINARY_DIR}/troupeConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindAsio.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindLibDw.cmake
        DESTINATION ${package_dir})

# The prefix is derived from where troupe.pc lies, so that an installed tree can be moved.
file(RELATIVE_PATH prefix_from_pc
  /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
# libdw: what a shared library has linked itself, users of a static one must link.
if(BUILD_SHARED_LIBS)
  set(libdw_private "-ldw ")
else()
  set(libdw_public " -ldw")
endif()
# The same for OpenSSL.
if(TROUPE_TLS AND BUILD_SHARED_LIBS)
  set(openssl_private "-lssl -lcrypto ")
elseif(TROUPE_TLS)
  set(openssl_public " -lssl -lcrypto")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/troupe.pc.in ${PROJECT_BINARY_DIR}/troupe.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/troupe.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# For debuggers: `gdb -x share/troupe/gdb/troupe.gdb.py`, see docs/debugging.md.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/script/gdb/ DESTINATION ${CMAKE_INSTALL_DATADIR}/troupe/gdb
        FILES_MATCHING PATTERN "*.py" PATTERN "__pycache__" EXCLUDE)
