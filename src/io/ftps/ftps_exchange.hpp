// One exchange with an FTP server, as seen by libcurl's callbacks.
#pragma once

#include <bambu2mqtt/io/ftps/ftps_session.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

struct FtpsExchange {
    int reply = 0;                       ///< code of the last reply; 0: none
    std::string words{};                 ///< its text, unchanged
    std::uint64_t bytes = 0;             ///< content passed to libcurl or received from it
    std::optional<std::uint64_t> size{}; ///< value of a reply to SIZE
    CURLcode code = CURLE_OK;
    bool gave_up = false;      ///< the function below gave up
    bool logged_in = false;    ///< the server accepted the login in this exchange
    PeerCheck* peer = nullptr; ///< accepts the server's certificate before anything is sent to it
    const StopSignal* tickets_first = nullptr; ///< set: the last piece waits for the tickets of TLS 1.3
    const UploadContent* content = nullptr;
    const DownloadSink* sink = nullptr;

    /// Resets the results.
    void start_again();

    /// libcurl's HEADERFUNCTION: lines of replies. READFUNCTION and WRITEFUNCTION: the content. `self` is the
    /// exchange.
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_read(char* into, std::size_t size, std::size_t count, void* self);
    static std::size_t on_write(char* data, std::size_t size, std::size_t count, void* self);

  private:
    void take_line(std::string_view line);
    [[nodiscard]] std::size_t read(char* into, std::size_t most);
    [[nodiscard]] std::size_t write(std::string_view data);
};

} // namespace bambu2mqtt
