#include <bambu2mqtt/io/ftps/curl_library.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>

#include <fmt/format.h>

#include <dlfcn.h>

#include <optional>

namespace bambu2mqtt {

namespace {

constexpr const char* file = "libcurl.so.4"; // libcurl's ABI since 2006

class Loader {
  public:
    explicit Loader(void* library) : library_(library) {}

    template <typename Function>
    void find(Function& function, const char* name) {
        // dlsym returns void*; the name implies this function.
        function = reinterpret_cast<Function>(dlsym(library_, name));
        if (function == nullptr && missing_ == nullptr) {
            missing_ = name;
        }
    }

    [[nodiscard]] const char* missing() const { return missing_; }

  private:
    void* library_;
    const char* missing_ = nullptr;
};

[[nodiscard]] expected<CurlLibrary, Error> load() {
    void* const library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* const why = dlerror();
        return failure(Problem::unavailable,
                       fmt::format("libcurl cannot be loaded: {}", why == nullptr ? file : why));
    }
    CurlLibrary curl;
    Loader loader(library);
    loader.find(curl.global_init, "curl_global_init");
    loader.find(curl.easy_init, "curl_easy_init");
    loader.find(curl.easy_cleanup, "curl_easy_cleanup");
    loader.find(curl.easy_reset, "curl_easy_reset");
    loader.find(curl.easy_setopt, "curl_easy_setopt");
    loader.find(curl.easy_getinfo, "curl_easy_getinfo");
    loader.find(curl.easy_strerror, "curl_easy_strerror");
    loader.find(curl.multi_init, "curl_multi_init");
    loader.find(curl.multi_cleanup, "curl_multi_cleanup");
    loader.find(curl.multi_add_handle, "curl_multi_add_handle");
    loader.find(curl.multi_remove_handle, "curl_multi_remove_handle");
    loader.find(curl.multi_perform, "curl_multi_perform");
    loader.find(curl.multi_poll, "curl_multi_poll");
    loader.find(curl.multi_info_read, "curl_multi_info_read");
    loader.find(curl.slist_append, "curl_slist_append");
    loader.find(curl.slist_free_all, "curl_slist_free_all");
    if (loader.missing() != nullptr) {
        return failure(Problem::unavailable,
                       fmt::format("libcurl is too old: it has no {}", loader.missing()));
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
