// Wrapper of libcurl that can be stopped at any moment and never outlives its owner. Knows neither FTP nor
// HTTP.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/io/ftps/curl_library.hpp>
#include <bambu2mqtt/io/thread/stop_signal.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace bambu2mqtt {

/// Result of a transfer.
struct CurlEnd {
    CURLcode code = CURLE_OK;
    bool stopped = false; ///< by the StopSignal, whatever the code
    long reply = 0;       ///< last status or reply code of the server; 0: none
    std::string text{};   ///< libcurl's message, empty on success; may contain text of a server
};

/// One handle with its connections, for one thread. Options are set for one transfer, then it runs;
/// connections stay open for the next one.
class CurlTransfer {
  public:
    /// Called repeatedly during a transfer: bytes sent and received so far.
    using Progress = std::function<void(std::uint64_t sent, std::uint64_t received)>;

    /// `stop` must outlive it and serves one transfer at a time. Fails as `unavailable` without libcurl.
    [[nodiscard]] static expected<std::unique_ptr<CurlTransfer>, Error> make(StopSignal& stop);

    CurlTransfer(const CurlTransfer&) = delete;
    CurlTransfer& operator=(const CurlTransfer&) = delete;
    /// Closes its connections without waiting for the server.
    ~CurlTransfer();

    /// Resets all options except the common ones: own sockets, no signals, no proxy from the environment.
    void reset();

    template <typename Value>
    void set(CURLoption option, Value value) {
        curl_.easy_setopt(easy_, option, value);
    }

    /// Runs the transfer. Ends early, with its connection closed, when more than `tolerated` is raised.
    [[nodiscard]] CurlEnd run(Stop tolerated, const Progress& progress = {});

    [[nodiscard]] const CurlLibrary& library() const { return curl_; }

  private:
    CurlTransfer(const CurlLibrary& curl, StopSignal& stop);
    void drive(CurlEnd& end, Stop tolerated, const Progress& progress);

    const CurlLibrary& curl_;
    StopSignal& stop_;
    CURL* easy_;
    CURLM* multi_;
    std::array<char, CURL_ERROR_SIZE> words_{};
};

} // namespace bambu2mqtt
