// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// An HTTP/1.1 server: keep-alive, pipelining, chunks, limits and timeouts. connection.cpp is the
// actor that serves a client, http/ knows the protocol, site.cpp what is served.
#include <examples/common/complaints.hpp>
#include <examples/common/run_service.hpp>
#include <examples/common/serve.hpp>
#include <examples/http_server/connection.hpp>

#include <memory>
#include <utility>

namespace {

namespace io = troupe::io;

void serve_client(troupe::context& self, io::tcp_stream stream,
                  const examples::connection_slot& /*slot*/,
                  const http::connection_limits& limits) {
  http::connection(self, std::move(stream), limits).serve();
}

constexpr auto too_many =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
    "Connection: close\r\n\r\n";

}  // namespace

int main(int argc, char** argv) {
  examples::service_options options;
  http::connection_limits limits;
  std::size_t all_bodies = std::size_t{256} * 1024 * 1024;
  examples::command_line line("An HTTP/1.1 server. GET /about says what it serves.", "http_server");
  examples::add_service_options(line, options);
  line.add_time("--idle-timeout", limits.idle,
                "a connection without a request is closed after that");
  line.add_time("--request-timeout", limits.request_time,
                "a request must be there as a whole in that time");
  line.add_time("--write-timeout", limits.write,
                "a client must take 16 KiB of its answers in that time");
  line.add_size("--max-target", limits.request.target, 16, 65'536, "bytes of a request's target");
  line.add_size("--max-head", limits.request.head, 64, 65'536,
                "bytes of a request's header fields");
  line.add_size("--max-body", limits.request.body, 1, 1'073'741'824, "bytes of a request's body");
  line.add_size("--max-bodies", all_bodies, 1, std::size_t{1} << 40,
                "bytes of the bodies of all requests together");
  if (const auto code = line.parse(argc, argv)) return *code;
  limits.request.bodies = std::make_shared<http::memory_budget>(all_bodies);
  return examples::run_service(
      "http_server", options, 1, [&](troupe::system& system, io::tcp_listener listener) {
        examples::serve(system, std::move(listener),
                        {std::make_shared<examples::complaints>("http_server"),
                         options.max_connections, too_many},
                        serve_client, limits);
      });
}
