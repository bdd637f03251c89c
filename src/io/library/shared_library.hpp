// Libraries that are loaded when they are first needed, so that a gateway that does not use them does not
// have them in memory.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <fmt/format.h>

#include <dlfcn.h>

#include <string_view>

namespace bambu2mqtt {

/// A loaded library. It is never unloaded: its threads and tables may still be in use.
class SharedLibrary {
  public:
    /// `file`: the soname that this program was built against; `name`: for texts.
    [[nodiscard]] static expected<SharedLibrary, Error> load(const char* file, std::string_view name) {
        void* const library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            const char* const why = dlerror();
            return failure(Problem::unavailable,
                           fmt::format("{} cannot be loaded: {}", name, why == nullptr ? file : why));
        }
        return SharedLibrary(library, name);
    }

    /// Sets `function` to the function of that name, with the type of `function`.
    template <typename Function>
    void find(Function& function, const char* name) {
        // dlsym returns void*; the name implies this type.
        function = reinterpret_cast<Function>(dlsym(library_, name));
        if (function == nullptr && missing_ == nullptr) {
            missing_ = name;
        }
    }

    /// Whether all functions were found.
    [[nodiscard]] expected<void, Error> complete() const {
        if (missing_ != nullptr) {
            return failure(Problem::unavailable, fmt::format("{} is too old: it has no {}", name_, missing_));
        }
        return {};
    }

  private:
    SharedLibrary(void* library, std::string_view name) : library_(library), name_(name) {}

    void* library_;
    std::string_view name_; ///< lives as long as the program
    const char* missing_ = nullptr;
};

} // namespace bambu2mqtt
