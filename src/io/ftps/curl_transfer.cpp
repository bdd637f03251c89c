#include <bambu2mqtt/io/ftps/curl_transfer.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>

#include <new>
#include <utility>

namespace bambu2mqtt {

namespace {

/// libcurl is called at least this often, also without socket events: it has waits of up to a second that
/// nothing ends early.
constexpr int poll_interval_ms = 10;

curl_socket_t open_socket(void* stop, curlsocktype /*purpose*/, curl_sockaddr* address) {
    int descriptor = -1;
    guard("socket of a transfer", [&] {
        descriptor = static_cast<StopSignal*>(stop)->open_socket(address->family, address->socktype,
                                                                 address->protocol);
    });
    return descriptor < 0 ? CURL_SOCKET_BAD : descriptor;
}

int close_socket(void* stop, curl_socket_t descriptor) {
    return static_cast<StopSignal*>(stop)->close_socket(descriptor);
}

} // namespace

expected<std::unique_ptr<CurlTransfer>, Error> CurlTransfer::make(StopSignal& stop) {
    const auto library = curl_library();
    if (!library) {
        return unexpected(library.error());
    }
    std::unique_ptr<CurlTransfer> transfer(new CurlTransfer(**library, stop));
    if (transfer->easy_ == nullptr || transfer->multi_ == nullptr) {
        return failure(Problem::unavailable, "libcurl has no memory for a transfer");
    }
    return transfer;
}

CurlTransfer::CurlTransfer(const CurlLibrary& curl, StopSignal& stop)
    : curl_(curl), stop_(stop), easy_(curl.easy_init()), multi_(curl.multi_init()) {}

CurlTransfer::~CurlTransfer() {
    stop_.deafen_sockets(); // libcurl sends QUIT, and would wait two minutes for the reply
    if (multi_ != nullptr) {
        curl_.multi_cleanup(multi_);
    }
    curl_.easy_cleanup(easy_);
}

void CurlTransfer::reset() {
    curl_.easy_reset(easy_);
    set(CURLOPT_ERRORBUFFER, words_.data());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L); // do not wait for a name being resolved
    set(CURLOPT_PROXY, "");
    set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(CURLOPT_OPENSOCKETDATA, &stop_);
    set(CURLOPT_CLOSESOCKETFUNCTION, &close_socket);
    set(CURLOPT_CLOSESOCKETDATA, &stop_);
}

CurlEnd CurlTransfer::run(Stop tolerated, const Progress& progress) {
    CurlEnd end{.code = CURLE_ABORTED_BY_CALLBACK};
    words_.front() = '\0';
    if (curl_.multi_add_handle(multi_, easy_) != CURLM_OK) {
        return {.code = CURLE_FAILED_INIT, .text = curl_.easy_strerror(CURLE_FAILED_INIT)};
    }
    drive(end, tolerated, progress);
    curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &end.reply);
    curl_.multi_remove_handle(multi_, easy_);
    if (end.code != CURLE_OK) {
        end.stopped = stop_.raised() > tolerated;
        end.text = words_.front() != '\0' ? words_.data() : curl_.easy_strerror(end.code);
    }
    return end;
}

void CurlTransfer::drive(CurlEnd& end, Stop tolerated, const Progress& progress) {
    for (int running = 1; running > 0;) {
        if (stop_.raised() > tolerated) {
            return;
        }
        if (curl_.multi_perform(multi_, &running) != CURLM_OK) {
            end.code = CURLE_FAILED_INIT;
            return;
        }
        if (progress) {
            curl_off_t sent = 0;
            curl_off_t received = 0;
            curl_.easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &sent);
            curl_.easy_getinfo(easy_, CURLINFO_SIZE_DOWNLOAD_T, &received);
            progress(static_cast<std::uint64_t>(sent), static_cast<std::uint64_t>(received));
        }
        if (running > 0) {
            curl_.multi_poll(multi_, nullptr, 0, poll_interval_ms, nullptr);
        }
    }
    int left = 0;
    while (const CURLMsg* const message = curl_.multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE) {
            end.code = message->data.result;
        }
    }
}

} // namespace bambu2mqtt
