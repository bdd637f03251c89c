// libcurl, loaded on first use: with its dependencies it needs some 4 MB of resident memory, which a gateway
// without file transfers saves. Knows which functions are used, not their purpose.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <curl/curl.h>

namespace bambu2mqtt {

/// The functions by their names without "curl_".
struct CurlLibrary {
    decltype(&curl_global_init) global_init = nullptr;
    decltype(&curl_easy_init) easy_init = nullptr;
    decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
    decltype(&curl_easy_reset) easy_reset = nullptr;
    decltype(&curl_easy_setopt) easy_setopt = nullptr;
    decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
    decltype(&curl_easy_strerror) easy_strerror = nullptr;
    decltype(&curl_multi_init) multi_init = nullptr;
    decltype(&curl_multi_cleanup) multi_cleanup = nullptr;
    decltype(&curl_multi_add_handle) multi_add_handle = nullptr;
    decltype(&curl_multi_remove_handle) multi_remove_handle = nullptr;
    decltype(&curl_multi_perform) multi_perform = nullptr;
    decltype(&curl_multi_poll) multi_poll = nullptr;
    decltype(&curl_multi_info_read) multi_info_read = nullptr;
    decltype(&curl_slist_append) slist_append = nullptr;
    decltype(&curl_slist_free_all) slist_free_all = nullptr;
};

/// From any thread: loads and initialises the library once; it stays until the process ends. Never null.
/// Fails as `unavailable` with the loader's message if it is not installed or too old, or if the process has
/// no free file descriptor; the next call retries.
[[nodiscard]] expected<const CurlLibrary*, Error> curl_library();

} // namespace bambu2mqtt
