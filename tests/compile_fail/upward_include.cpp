// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Compiled with the includes of layer io: the layers below are there, those above are not.
// expect-error: troupe/actors/troupe.hpp
#include <troupe/base/version.hpp>

#ifdef TROUPE_WRONG
#include <troupe/actors/troupe.hpp>
#endif
