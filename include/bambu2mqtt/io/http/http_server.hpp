// A small HTTP server for machines that ask for text: monitoring and health checks. Knows no metrics.
#pragma once

#include <bambu2mqtt/base/address.hpp>
#include <bambu2mqtt/base/expected.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace bambu2mqtt {

struct HttpAnswer {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body{};
};

/// Answers a GET of this path, without the query. Called on the server's thread; other clients wait
/// meanwhile. An exception becomes status 500.
using HttpHandler = std::function<HttpAnswer(std::string_view path)>;

/// libmicrohttpd with a thread of its own, loaded when it is first needed. Takes GET alone (405 otherwise),
/// 16 connections at a time and 8 kB for the head of a request; a connection ends with its answer, or five
/// seconds after it began, whatever its client does.
class HttpServer {
  public:
    /// Fails with a text for people if the address cannot be used or the library is not installed.
    [[nodiscard]] static expected<std::unique_ptr<HttpServer>, Error> listen(const ListenAddress& address,
                                                                             HttpHandler handler);
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer(); ///< closes all connections

  private:
    class Loop;
    explicit HttpServer(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

} // namespace bambu2mqtt
