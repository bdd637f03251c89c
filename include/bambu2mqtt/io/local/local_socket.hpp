// A Unix socket on which the running gateway answers other programs of its user: one request a connection.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/unique_fd.hpp>
#include <bambu2mqtt/io/thread/wake_up.hpp>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace bambu2mqtt {

/// Answers one client after the other, on a thread of its own. A request is a line of at most 64 bytes; the
/// answer is a text, after which the connection ends. A client that takes longer than two seconds for either
/// is given up.
class LocalSocket {
  public:
    /// Called on the socket's thread.
    using Answer = std::function<std::string(std::string_view request)>;

    /// Listens, with mode 0600, and removes what is at `path`: only one gateway uses its state directory.
    /// Fails as `out_of_range` for a path above the system's limit (about 100 bytes), as `unavailable`
    /// otherwise.
    [[nodiscard]] static expected<std::unique_ptr<LocalSocket>, Error>
    listen(const std::filesystem::path& path, Answer answer);

    LocalSocket(const LocalSocket&) = delete;
    LocalSocket& operator=(const LocalSocket&) = delete;
    /// Removes the socket.
    ~LocalSocket();

  private:
    LocalSocket(std::filesystem::path path, UniqueFd listener, Answer answer);
    void run();
    void serve(const UniqueFd& client) const;

    std::filesystem::path path_;
    UniqueFd listener_;
    Answer answer_;
    WakeUp wake_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

/// Sends a request (without the end of the line) and returns the answer, at most 4 MiB. Fails as
/// `unavailable` if nothing listens there or this user may not connect, as `timed_out` without a whole answer
/// within ten seconds.
[[nodiscard]] expected<std::string, Error> ask_local_socket(const std::filesystem::path& path,
                                                            std::string_view request);

} // namespace bambu2mqtt
