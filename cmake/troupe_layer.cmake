# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
#
# troupe_layer(): one architecture layer = one top-level folder = one target.
#
#   troupe_layer(io
#     DEPENDS base mailbox scheduler    # every layer whose headers are reached, indirectly too
#     HEADERS tcp_stream.hpp ...        # what is installed: public headers and detail/
#     SOURCES tcp_stream.cpp ...
#     GENERATED version.hpp             # installed headers made from <layer>/<name>.in
#     FACE troupe.hpp                   # headers that can also be included as <troupe/NAME>
#     ABSENT tls_stream.hpp ...         # headers that this build leaves out, with what they declare
#     LINK Asio::asio)                  # third-party targets that the headers or sources need
#
# <layer>/name.hpp is included as <troupe/LAYER/name.hpp>, in the build tree and when installed. To
# that end the build tree holds one directory link per layer, each under an include root of its own:
#     build/<preset>/include/io/troupe/io  ->  <source>/io
# A layer is given its own root and those it DEPENDS on, nothing else: an upward include does not
# compile. Directories are linked, not files, because CMake would install linked files as links.
#
# internal/ is for this build and its tests only. A header that is neither listed nor internal stops
# the configure step. A layer without SOURCES is an INTERFACE library.
function(troupe_layer layer)
  cmake_parse_arguments(ARG "" "" "DEPENDS;HEADERS;SOURCES;GENERATED;FACE;ABSENT;LINK" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "troupe_layer(${layer}): unknown: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  set(source_dir ${PROJECT_SOURCE_DIR}/${layer})
  set(root ${PROJECT_BINARY_DIR}/include/${layer})
  set(generated_root ${PROJECT_BINARY_DIR}/include/${layer}-generated)

  file(MAKE_DIRECTORY ${root}/troupe)
  file(CREATE_LINK ${source_dir} ${root}/troupe/${layer} SYMBOLIC)
  _troupe_layer_check_headers(${layer} ${ARG_HEADERS} ${ARG_ABSENT})

  if(ARG_SOURCES)
    set(scope PUBLIC)
    list(TRANSFORM ARG_SOURCES PREPEND ${source_dir}/)
    add_library(troupe_${layer} OBJECT ${ARG_SOURCES})
    troupe_warnings(troupe_${layer})
    _troupe_layer_precompile(troupe_${layer})
  else()
    set(scope INTERFACE)
    add_library(troupe_${layer} INTERFACE)
  endif()
  add_library(troupe::${layer} ALIAS troupe_${layer})

  list(TRANSFORM ARG_HEADERS PREPEND ${root}/troupe/${layer}/)
  set(roots ${root})
  foreach(name ${ARG_GENERATED})
    configure_file(${source_dir}/${name}.in ${generated_root}/troupe/${layer}/${name} @ONLY)
    list(APPEND ARG_HEADERS ${generated_root}/troupe/${layer}/${name})
  endforeach()
  if(ARG_GENERATED)
    list(APPEND roots ${generated_root})
  endif()
  foreach(name ${ARG_FACE})
    file(CONFIGURE OUTPUT ${root}/troupe/${name}
         CONTENT "#pragma once\n#include <troupe/${layer}/${name}>\n")
    list(APPEND ARG_HEADERS ${root}/troupe/${name})
  endforeach()
  target_sources(troupe_${layer} ${scope} FILE_SET HEADERS BASE_DIRS ${roots} FILES ${ARG_HEADERS})
  target_compile_features(troupe_${layer} ${scope} cxx_std_20)
  list(TRANSFORM ARG_DEPENDS PREPEND troupe_ OUTPUT_VARIABLE lower_targets)
  target_link_libraries(troupe_${layer} ${scope} ${lower_targets} ${ARG_LINK})
  if(ARG_SOURCES)
    troupe_source_names(troupe_${layer} ${layer} ${ARG_DEPENDS})
  endif()

  # Target all_verify_interface_header_sets compiles every installed header on its own.
  set_target_properties(troupe_${layer} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON
                                                   EXPORT_NAME ${layer})
  install(TARGETS troupe_${layer} EXPORT troupeTargets
          FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endfunction()

# Half of what a layer's source takes to compile is the standard library's headers, which are therefore
# parsed once for all layers. No header of a layer is among them: that would be seen by lower layers too.
function(_troupe_layer_precompile target)
  if(TARGET troupe_base AND NOT target STREQUAL troupe_base)
    target_precompile_headers(${target} REUSE_FROM troupe_base)
  else()
    target_precompile_headers(${target} PRIVATE
      <algorithm> <array> <atomic> <chrono> <functional> <memory> <mutex> <optional> <span> <string>
      <system_error> <thread> <utility> <vector>)
  endif()
endfunction()

# Stops the configure step when <layer>/ holds a header that is neither listed nor internal.
function(_troupe_layer_check_headers layer)
  set(source_dir ${PROJECT_SOURCE_DIR}/${layer})
  file(GLOB_RECURSE unlisted RELATIVE ${source_dir} CONFIGURE_DEPENDS ${source_dir}/*.hpp)
  list(FILTER unlisted EXCLUDE REGEX "(^|/)internal/")
  if(ARGN)
    list(REMOVE_ITEM unlisted ${ARGN})
  endif()
  if(unlisted)
    message(FATAL_ERROR
      "${layer}/CMakeLists.txt: neither in HEADERS nor in internal/: ${unlisted}")
  endif()
endfunction()

# __FILE__, assertions and debug information of `target` say io/x.hpp, not
# build/<preset>/include/io/troupe/io/x.hpp. The last map that matches wins, so the general one
# comes first.
function(troupe_source_names target)
  if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    target_compile_options(${target} PRIVATE -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
    foreach(layer ${ARGN})
      target_compile_options(${target} PRIVATE
        -ffile-prefix-map=${PROJECT_BINARY_DIR}/include/${layer}/troupe/=
        -ffile-prefix-map=${PROJECT_BINARY_DIR}/include/${layer}-generated/troupe/=)
    endforeach()
  endif()
endfunction()
