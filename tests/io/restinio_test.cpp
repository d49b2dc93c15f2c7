// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// A third party's protocol on Asio: RESTinio serves HTTP in the context of a behavior, which waits
// for the operations of the server's and answers the requests.

#include <troupe/io/wait.hpp>

#include <asio/async_result.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <io/in_actor.hpp>
#include <restinio/http_server.hpp>
#include <restinio/message_builders.hpp>
#include <restinio/traits.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::in_actor;
using http_server = restinio::http_server_t<restinio::default_single_thread_traits_t>;

/// Starts operations in a context.
struct starter {
  using executor_type = asio::io_context::executor_type;
  executor_type executor;
  executor_type get_executor() const noexcept { return executor; }
  void operator()(auto handler, auto& start) const { start(std::move(handler)); }
};

/// An operation of a library whose operations take callbacks, which must be copyable, instead of
/// completion tokens: `start(callback)`, made in `executor`.
template <class Signature, class Token, class Start>
auto by_callback(const asio::io_context::executor_type& executor, Start start, Token token) {
  auto shared = [&](auto handler) {
    start([owner = std::make_shared<decltype(handler)>(std::move(handler))](auto... results) {
      (*owner)(std::move(results)...);
    });
  };
  return asio::async_initiate<Token, Signature>(starter{executor}, token, shared);
}

struct asked {
  restinio::request_handle_t what;
};

TEST(Restinio, ItsOperationsAreWaitedForInABehavior) {
  constexpr int requests = 20;
  troupe::system sys({.workers = 2});
  in_actor(sys, [](context& self) {
    const any_ref answering = self.ref();
    const auto executor = io::executor();
    std::uint16_t port = 0;
    http_server server(restinio::external_io_context(executor.context()), [&](auto& settings) {
      settings.address("127.0.0.1")
          .port(0)
          .acceptor_post_bind_hook(
              [&](asio::ip::tcp::acceptor& a) { port = a.local_endpoint().port(); })
          .request_handler([answering](restinio::request_handle_t request) {
            answering.send(asked{std::move(request)});
            return restinio::request_accepted();
          });
    });
    const auto open = [&](auto done) {
      server.open_async([done] { done(std::exception_ptr()); },
                        [done](std::exception_ptr failure) { done(failure); });
    };
    by_callback<void(std::exception_ptr)>(executor, open, wait.within(1min));
    ASSERT_NE(port, 0);

    const auto client = self.spawn([port](context&) {
      auto connection = io::tcp_stream::connect("127.0.0.1", port);
      connection.read_timeout(1min);
      std::string came;
      for (int i = 0; i < requests; ++i) {
        connection.write_all("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\n\r\n");
        const std::string end = "\r\n\r\nfor /" + std::to_string(i) + ".";
        const std::size_t size = connection.read_until(came, end, 4096);
        EXPECT_EQ(came.find("HTTP/1.1 200 OK\r\n"), 0U);
        came.erase(0, size);
      }
    });
    for (int i = 0; i < requests; ++i) {
      restinio::request_handle_t request;
      self.receive([&](asked a) { request = std::move(a.what); });
      std::error_code error;
      const auto answer = [&](auto done) {
        request->create_response()
            .set_body("for " + std::string(request->header().request_target()) + ".")
            .done([done](const asio::error_code& e) { done(e); });
      };
      by_callback<void(std::error_code)>(executor, answer, wait(error).within(1min));
      EXPECT_FALSE(error) << error.message();
    }
    self.monitor(client);
    self.receive([](const down&) {});
    const auto close = [&](auto done) {
      server.close_async([done] { done(std::exception_ptr()); },
                         [done](std::exception_ptr failure) { done(failure); });
    };
    by_callback<void(std::exception_ptr)>(executor, close, wait.within(1min));
    asio::post(executor, wait);  // what the closing has left to be done there
  });
}

}  // namespace
}  // namespace troupe
