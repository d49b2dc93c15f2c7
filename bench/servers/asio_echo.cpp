// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// What troupe's TCP is compared with: an echo server as one writes it with plain standalone Asio.
// One thread, one io_context, a chain of handlers for each connection.
#include <bench/servers/comparison_server.hpp>

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

#include <array>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>

namespace {

using asio::ip::tcp;

class session : public std::enable_shared_from_this<session> {
 public:
  explicit session(tcp::socket peer) : peer_(std::move(peer)) {}

  void read() {
    peer_.async_read_some(asio::buffer(buffer_),
                          [self = shared_from_this()](std::error_code error, std::size_t count) {
                            if (!error) self->write(count);
                          });
  }

 private:
  void write(std::size_t count) {
    asio::async_write(peer_, asio::buffer(buffer_, count),
                      [self = shared_from_this()](std::error_code error, std::size_t /*all*/) {
                        if (!error) self->read();
                      });
  }

  tcp::socket peer_;
  std::array<char, 64> buffer_{};  // a message; as large as that of troupe's server
};

void accept_next(tcp::acceptor& listener) {
  listener.async_accept([&listener](std::error_code error, tcp::socket peer) {
    if (!error) {
      std::error_code ignored;
      peer.set_option(tcp::no_delay(true), ignored);
      std::make_shared<session>(std::move(peer))->read();
    }
    accept_next(listener);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const auto port = bench_servers::port_from(argc, argv);
  try {
    bench_servers::allow_all_descriptors();
    asio::io_context context(1);  // no locks among threads that are not there
    tcp::acceptor listener(context);
    listener.open(tcp::v4());
    listener.set_option(tcp::acceptor::reuse_address(true));
    listener.bind({asio::ip::address_v4::loopback(), port});
    listener.listen(1024);
    bench_servers::print_ready("asio", listener.local_endpoint().port());
    accept_next(listener);
    context.run();
  } catch (const std::exception& problem) {
    bench_servers::print_problem(argv[0], problem);
    return 1;
  }
}
