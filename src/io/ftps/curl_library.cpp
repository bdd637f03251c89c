#include "io/library/shared_library.hpp"
#include <bambu2mqtt/io/ftps/curl_library.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>

#include <optional>

namespace bambu2mqtt {

namespace {

constexpr const char* file = "libcurl.so.4"; // libcurl's ABI since 2006

[[nodiscard]] expected<CurlLibrary, Error> load() {
    auto library = SharedLibrary::load(file, "libcurl");
    if (!library) {
        return unexpected(library.error());
    }
    CurlLibrary curl;
    library->find(curl.global_init, "curl_global_init");
    library->find(curl.easy_init, "curl_easy_init");
    library->find(curl.easy_cleanup, "curl_easy_cleanup");
    library->find(curl.easy_reset, "curl_easy_reset");
    library->find(curl.easy_setopt, "curl_easy_setopt");
    library->find(curl.easy_getinfo, "curl_easy_getinfo");
    library->find(curl.easy_strerror, "curl_easy_strerror");
    library->find(curl.multi_init, "curl_multi_init");
    library->find(curl.multi_cleanup, "curl_multi_cleanup");
    library->find(curl.multi_add_handle, "curl_multi_add_handle");
    library->find(curl.multi_remove_handle, "curl_multi_remove_handle");
    library->find(curl.multi_perform, "curl_multi_perform");
    library->find(curl.multi_poll, "curl_multi_poll");
    library->find(curl.multi_info_read, "curl_multi_info_read");
    library->find(curl.slist_append, "curl_slist_append");
    library->find(curl.slist_free_all, "curl_slist_free_all");
    if (const auto complete = library->complete(); !complete) {
        return unexpected(complete.error());
    }
    if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return failure(Problem::unavailable, "libcurl cannot be initialised");
    }
    return curl;
}

} // namespace

expected<const CurlLibrary*, Error> curl_library() {
    struct Loaded {
        Mutex mutex;
        std::optional<CurlLibrary> library GUARDED_BY(mutex); // never changed once set
    };

    static Loaded loaded;
    const MutexLock lock(loaded.mutex);
    if (!loaded.library) {
        auto library = load();
        if (!library) {
            return unexpected(library.error());
        }
        loaded.library = *library;
    }
    return &*loaded.library;
}

} // namespace bambu2mqtt
