#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/io/ftps/curl_transfer.hpp>
#include <bambu2mqtt/io/ftps/url_source.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_url = 2048;
constexpr long slowest = 100; // bytes per second; a slower transfer counts as stalled
constexpr long not_found = 404;
constexpr long gone = 410;

/// The part after the scheme; nothing if it is neither of the two.
[[nodiscard]] std::optional<std::string_view> without_scheme(std::string_view url) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (url.size() > scheme.size() && starts_in_any_case(url, scheme)) {
            return url.substr(scheme.size());
        }
    }
    return std::nullopt;
}

/// The host and port of a URL, without user and password.
[[nodiscard]] std::string server_of(std::string_view after_scheme) {
    auto server = after_scheme.substr(0, after_scheme.find_first_of("/?#\\"));
    server = server.substr(server.rfind('@') + 1);
    return sanitize_for_log(server);
}

/// Receives content, up to a limit.
struct Receiver {
    LocalFile& file;
    std::uint64_t limit;
    std::uint64_t room; ///< on the disk, before the download
    bool too_large = false;
    expected<void, Error> written{}; ///< result of the last write into `file`

    static std::size_t on_write(char* data, std::size_t size, std::size_t count, void* self) {
        auto& receiver = *static_cast<Receiver*>(self);
        const std::string_view bytes(data, size * count);
        receiver.too_large = bytes.size() > receiver.limit - receiver.file.size();
        if (receiver.too_large) {
            return 0;
        }
        const auto append = [&] { receiver.written = receiver.file.append(bytes); };
        if (!guard("content of a URL", append)) {
            return 0;
        }
        return receiver.written ? bytes.size() : 0;
    }
};

void set_options(CurlTransfer& curl, const std::string& url, const UrlLimits& limits, Receiver& receiver) {
    using std::chrono::milliseconds;
    curl.reset();
    curl.set(CURLOPT_URL, url.c_str());
    curl.set(CURLOPT_PROTOCOLS_STR, "http,https");
    curl.set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl.set(CURLOPT_FOLLOWLOCATION, 1L);
    curl.set(CURLOPT_MAXREDIRS, limits.redirects);
    curl.set(CURLOPT_FAILONERROR, 1L);
    curl.set(CURLOPT_USERAGENT, "bambu2mqtt/" BAMBU2MQTT_VERSION);
    curl.set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(std::min(limits.size, receiver.room)));
    curl.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(milliseconds(limits.connect).count()));
    curl.set(CURLOPT_LOW_SPEED_LIMIT, slowest);
    curl.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.stall.count()));
    curl.set(CURLOPT_TIMEOUT_MS, static_cast<long>(milliseconds(limits.whole).count()));
    curl.set(CURLOPT_WRITEFUNCTION, &Receiver::on_write);
    curl.set(CURLOPT_WRITEDATA, &receiver);
}

[[nodiscard]] unexpected<Error> failure_of(const CurlEnd& end, const Receiver& receiver,
                                           const std::string& server, const UrlLimits& limits) {
    const auto failed_with = [&server](Problem problem, std::string_view what) {
        return failure(problem, fmt::format("{}: {}", server, what));
    };
    if (end.stopped) {
        return failed_with(Problem::unavailable, "stopped");
    }
    if (!receiver.written) {
        return unexpected(receiver.written.error());
    }
    if (end.code == CURLE_FILESIZE_EXCEEDED && receiver.room < limits.size) {
        return failed_with(
            Problem::unavailable,
            fmt::format("the disk of files.directory has room for {} more bytes, and the file is "
                        "larger",
                        receiver.room));
    }
    if (receiver.too_large || end.code == CURLE_FILESIZE_EXCEEDED) {
        return failed_with(Problem::out_of_range,
                           fmt::format("the file has more than {} bytes (files.url_limit)", limits.size));
    }
    switch (end.code) {
    case CURLE_HTTP_RETURNED_ERROR:
        return failed_with(end.reply == not_found || end.reply == gone ? Problem::unknown
                                                                       : Problem::unavailable,
                           fmt::format("the server answered {}", end.reply));
    case CURLE_URL_MALFORMAT:
        return failed_with(Problem::malformed, "not a valid URL");
    case CURLE_UNSUPPORTED_PROTOCOL:
        return failed_with(Problem::refused, "it redirects to a scheme other than http or https");
    case CURLE_TOO_MANY_REDIRECTS:
        return failed_with(Problem::refused,
                           fmt::format("it redirects more than {} times", limits.redirects));
    case CURLE_COULDNT_RESOLVE_HOST:
        return failed_with(Problem::unavailable, "no such host");
    case CURLE_COULDNT_CONNECT:
        return failed_with(Problem::unavailable, "no connection");
    case CURLE_OPERATION_TIMEDOUT:
        return failed_with(Problem::unavailable, "no answer in time, or too slow");
    case CURLE_PEER_FAILED_VERIFICATION:
        return failed_with(Problem::unavailable, "its certificate is not trusted");
    case CURLE_PARTIAL_FILE:
        return failed_with(Problem::unavailable, "the transfer was cut off");
    default:
        return failed_with(Problem::unavailable,
                           fmt::format("the transfer failed (libcurl {})", static_cast<int>(end.code)));
    }
}

} // namespace

expected<LocalFile, Error> fetch_url(const std::string& url, const LocalFolder& folder, StopSignal& stop,
                                     const UrlLimits& limits) {
    const auto after_scheme = without_scheme(url);
    const bool odd = std::ranges::any_of(url, [](unsigned char c) { return c <= 0x20 || c == 0x7F; });
    if (!after_scheme || odd || url.size() > longest_url) {
        return failure(Problem::malformed,
                       fmt::format("expected a URL that begins with http:// or https://, of at most {} "
                                   "characters, without blanks",
                                   longest_url));
    }
    auto curl = CurlTransfer::make(stop);
    if (!curl) {
        return unexpected(curl.error());
    }
    auto file = folder.scratch();
    if (!file) {
        return unexpected(file.error());
    }
    Receiver receiver{.file = *file, .limit = limits.size, .room = file->room()};
    if (auto room = file->append({}); !room) {
        return unexpected(std::move(room).error());
    }
    set_options(**curl, url, limits, receiver);
    const CurlEnd end = (*curl)->run(Stop::none);
    if (end.code != CURLE_OK) {
        return failure_of(end, receiver, server_of(*after_scheme), limits);
    }
    return file;
}

} // namespace bambu2mqtt
