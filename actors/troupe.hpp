// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#if __cplusplus < 202002L
#error "troupe needs C++20: compile with -std=c++20"
#endif

/// Everything that troupe offers, in one include.

#include <troupe/actors/active.hpp>
#include <troupe/actors/active_datagrams.hpp>
#include <troupe/actors/actor.hpp>
#include <troupe/actors/actor_ref.hpp>
#include <troupe/actors/actor_statistics.hpp>
#include <troupe/actors/any_ref.hpp>
#include <troupe/actors/context.hpp>
#include <troupe/actors/datagram_messages.hpp>
#include <troupe/actors/dead_letter.hpp>
#include <troupe/actors/down.hpp>
#include <troupe/actors/exit_reason.hpp>
#include <troupe/actors/file.hpp>
#include <troupe/actors/job.hpp>
#include <troupe/actors/new_connection.hpp>
#include <troupe/actors/options.hpp>
#include <troupe/actors/receive.hpp>
#include <troupe/actors/serve.hpp>
#include <troupe/actors/serve_options.hpp>
#include <troupe/actors/stream_messages.hpp>
#include <troupe/actors/system.hpp>
#include <troupe/actors/timer.hpp>
#include <troupe/base/error.hpp>
#include <troupe/base/version.hpp>
#include <troupe/io/buffered_reader.hpp>
#include <troupe/io/channel.hpp>
#include <troupe/io/child_exit.hpp>
#include <troupe/io/datagram_socket.hpp>
#include <troupe/io/deadline.hpp>
#include <troupe/io/endpoint.hpp>
#include <troupe/io/framing.hpp>
#include <troupe/io/keep_alive.hpp>
#include <troupe/io/listen_options.hpp>
#include <troupe/io/listener.hpp>
#include <troupe/io/local_datagram.hpp>
#include <troupe/io/local_listener.hpp>
#include <troupe/io/local_stream.hpp>
#include <troupe/io/pipe.hpp>
#include <troupe/io/reactor_options.hpp>
#include <troupe/io/reactor_ref.hpp>
#include <troupe/io/resolver.hpp>
#include <troupe/io/signal_set.hpp>
#include <troupe/io/socket_messages.hpp>
#include <troupe/io/socket_ready.hpp>
#include <troupe/io/stream.hpp>
#include <troupe/io/tcp_listener.hpp>
#include <troupe/io/tcp_stream.hpp>
#include <troupe/io/timeout_messages.hpp>
#include <troupe/io/udp_socket.hpp>
#include <troupe/preempt/blocking.hpp>
#include <troupe/preempt/no_preempt.hpp>
#include <troupe/preempt/preemption.hpp>
#include <troupe/scheduler/generator.hpp>
