#pragma once
// Requests to an HTTP server on 127.0.0.1, byte by byte as the test wants them. Independent of the program.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt::test_support {

/// One connection.
class HttpClient {
  public:
    /// Throws std::system_error if there is no connection.
    explicit HttpClient(std::uint16_t port);
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    ~HttpClient();

    /// Sends these bytes; false if the server has closed the connection.
    bool send(std::string_view bytes);

    /// Everything the server sends until it closes the connection; nothing if it has not by the deadline.
    [[nodiscard]] std::optional<std::string> read_all(std::chrono::milliseconds deadline);

  private:
    int socket_;
};

struct HttpReply {
    int status = 0; ///< 0: no connection, or no reply
    std::string head{};
    std::string body{};
};

/// Sends one request and waits for the reply.
[[nodiscard]] HttpReply http_request(std::uint16_t port, std::string_view path,
                                     std::string_view method = "GET");

} // namespace bambu2mqtt::test_support
