#include "io/http/microhttpd_library.hpp"
#include <bambu2mqtt/base/attempt.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/http/http_server.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>
#include <bambu2mqtt/io/thread/wake_up.hpp>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <thread>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

constexpr unsigned most_connections = 16;
constexpr std::size_t most_request_bytes = 8 * 1024;

/// How long a connection may last. libmicrohttpd's own limit counts from the last byte, so a client that
/// sends one byte at a time would hold its connection for ever.
constexpr auto connection_timeout = 5s;

[[nodiscard]] std::optional<sockaddr_storage> socket_address(const ListenAddress& address) {
    sockaddr_storage storage{};
    if (in_addr v4{}; inet_pton(AF_INET, address.host.c_str(), &v4) == 1) {
        sockaddr_in filled{};
        filled.sin_family = AF_INET;
        filled.sin_port = htons(address.port);
        filled.sin_addr = v4;
        std::memcpy(&storage, &filled, sizeof filled);
        return storage;
    }
    if (in6_addr v6{}; inet_pton(AF_INET6, address.host.c_str(), &v6) == 1) {
        sockaddr_in6 filled{};
        filled.sin6_family = AF_INET6;
        filled.sin6_port = htons(address.port);
        filled.sin6_addr = v6;
        std::memcpy(&storage, &filled, sizeof filled);
        return storage;
    }
    return std::nullopt;
}

} // namespace

/// The thread of the server: waits for its sockets and ends connections that are too old.
class HttpServer::Loop {
  public:
    Loop(const MicrohttpdLibrary& http, HttpHandler handler) : http_(http), handler_(std::move(handler)) {}

    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    ~Loop() {
        stopping_ = true;
        wake_up_.notify();
        if (thread_.joinable()) {
            thread_.join();
        }
        if (daemon_ != nullptr) {
            http_.stop_daemon(daemon_);
        }
    }

    [[nodiscard]] expected<void, Error> start(const ListenAddress& address) {
        const auto where = socket_address(address);
        if (!where) {
            return failure(
                Problem::out_of_range,
                fmt::format("found \"{}\", expected a numeric IPv4 or IPv6 address", address.host));
        }
        const unsigned flags = MHD_USE_EPOLL | (where->ss_family == AF_INET6 ? MHD_USE_IPv6 : MHD_NO_FLAG);
        errno = 0;
        daemon_ =
            http_.start_daemon(flags, address.port, nullptr, nullptr, &Loop::answer, this,
                               MHD_OPTION_SOCK_ADDR, &*where, MHD_OPTION_CONNECTION_LIMIT, most_connections,
                               MHD_OPTION_CONNECTION_MEMORY_LIMIT, most_request_bytes,
                               MHD_OPTION_NOTIFY_CONNECTION, &Loop::connection_changed, this, MHD_OPTION_END);
        if (daemon_ == nullptr) {
            return failure(Problem::unavailable,
                           fmt::format("cannot listen on {} port {}: {}", address.host, address.port,
                                       errno == 0 ? "the HTTP server did not start" : std::strerror(errno)));
        }
        const auto* const info = http_.get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
        if (info == nullptr || info->epoll_fd < 0) {
            return failure(Problem::unavailable, "the HTTP server has no descriptor to wait for");
        }
        epoll_ = info->epoll_fd;
        thread_ = guarded_thread("HTTP server", [this] { run(); });
        return {};
    }

  private:
    void run() {
        while (!stopping_) {
            std::array<pollfd, 2> waited{pollfd{epoll_, POLLIN, 0}, pollfd{wake_up_.descriptor(), POLLIN, 0}};
            ::poll(waited.data(), waited.size(), milliseconds_to_wait());
            end_old_connections();
            // At the limit the library does not wait for new clients; it does again in the run after one in
            // which a connection was closed.
            do {
                has_closed_ = false;
                http_.run(daemon_);
            } while (has_closed_ && !stopping_);
        }
    }

    /// Until the first deadline of a connection, or until libmicrohttpd has work without an event, such as
    /// accepting again after a connection has ended. -1: neither.
    [[nodiscard]] int milliseconds_to_wait() const {
        constexpr int longest = 60'000;
        unsigned long long of_library = 0;
        auto wait = http_.get_timeout(daemon_, &of_library) == MHD_YES
                        ? static_cast<int>(std::min<unsigned long long>(of_library, longest))
                        : -1;
        for (const auto& [descriptor, deadline] : connections_) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock()).count();
            const auto bounded = static_cast<int>(std::clamp<std::int64_t>(left, 0, longest));
            wait = wait < 0 ? bounded : std::min(wait, bounded);
        }
        return wait;
    }

    void end_old_connections() {
        const auto now = clock();
        std::erase_if(connections_, [&](const auto& connection) {
            const bool over = now >= connection.second;
            if (over) {
                ::shutdown(connection.first, SHUT_RDWR); // libmicrohttpd then closes it
            }
            return over;
        });
    }

    [[nodiscard]] static Instant clock() { return std::chrono::steady_clock::now(); }

    static void connection_changed(void* self, MHD_Connection* connection, void** /*socket_context*/,
                                   MHD_ConnectionNotificationCode what) {
        auto& loop = *static_cast<Loop*>(self);
        const auto* const info =
            loop.http_.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (info == nullptr) {
            return;
        }
        guard("HTTP connection", [&] {
            if (what == MHD_CONNECTION_NOTIFY_STARTED) {
                loop.connections_[info->connect_fd] = clock() + connection_timeout;
            } else {
                loop.connections_.erase(info->connect_fd);
                loop.has_closed_ = true;
            }
        });
    }

    static MHD_Result answer(void* self, MHD_Connection* connection, const char* url, const char* method,
                             const char* /*version*/, const char* /*upload*/, std::size_t* /*upload_size*/,
                             void** /*request*/) {
        auto& loop = *static_cast<Loop*>(self);
        auto result = MHD_NO;
        guard("HTTP request", [&] { result = loop.send(connection, loop.answer_to(url, method)); });
        return result;
    }

    [[nodiscard]] HttpAnswer answer_to(std::string_view path, std::string_view method) const {
        if (method != "GET") {
            return {.status = MHD_HTTP_METHOD_NOT_ALLOWED, .body = "expected GET\n"};
        }
        HttpAnswer answer;
        const auto failed = [&](std::string_view reason) {
            log_escaped("HTTP request", reason);
            answer = {.status = MHD_HTTP_INTERNAL_SERVER_ERROR, .body = "internal error, see the log\n"};
        };
        attempt([&] { answer = handler_(path); }, failed);
        return answer;
    }

    [[nodiscard]] MHD_Result send(MHD_Connection* connection, HttpAnswer answer) const {
        auto* const response =
            http_.create_response_from_buffer(answer.body.size(), answer.body.data(), MHD_RESPMEM_MUST_COPY);
        if (response == nullptr) {
            return MHD_NO;
        }
        http_.add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type.c_str());
        http_.add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
        if (answer.status == MHD_HTTP_METHOD_NOT_ALLOWED) {
            http_.add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_GET);
        }
        const auto result = http_.queue_response(connection, answer.status, response);
        http_.destroy_response(response);
        return result;
    }

    MicrohttpdLibrary http_;
    HttpHandler handler_;
    MHD_Daemon* daemon_ = nullptr;
    int epoll_ = -1; ///< owned by the daemon
    WakeUp wake_up_;
    std::map<int, Instant> connections_; ///< descriptors, and when they are shut down
    bool has_closed_ = false;            ///< a connection was closed in this run of the library
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}

HttpServer::~HttpServer() = default;

expected<std::unique_ptr<HttpServer>, Error> HttpServer::listen(const ListenAddress& address,
                                                                HttpHandler handler) {
    const auto http = microhttpd_library();
    if (!http) {
        return unexpected(http.error());
    }
    auto loop = std::make_unique<Loop>(*http, std::move(handler));
    if (const auto started = loop->start(address); !started) {
        return unexpected(started.error());
    }
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(loop)));
}

} // namespace bambu2mqtt
