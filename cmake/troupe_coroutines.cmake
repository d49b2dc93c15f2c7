# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors

# troupe_coroutines(target scope): tells Asio and libstdc++ that the compiler has coroutines where
# they do not find out. Asio looks for those of libc++ when the compiler is Clang; Clang below 16 does
# not say that it has them, and cannot mark them for -fsanitize=function ("cannot represent a
# difference across sections"). All that share a precompiled header must agree about it.
function(troupe_coroutines target scope)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    target_compile_definitions(${target} ${scope} ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE)
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
      target_compile_definitions(${target} ${scope} __cpp_impl_coroutine=201902L)
      if(TROUPE_SANITIZE MATCHES undefined)
        target_compile_options(${target} ${scope} -fno-sanitize=function)
      endif()
    endif()
  endif()
endfunction()
