// Calls that must not let an exception escape: of a thread, of a callback of a C library, of one unit of
// work.
#pragma once

#include <exception>
#include <string_view>

namespace bambu2mqtt {

/// Calls `work()`. If an exception escapes from it, `failed(reason)` is called; `reason` is the exception's
/// message, valid during the call. An exception from `failed` is dropped. Returns true if the work was done.
template <typename Work, typename Failed>
bool attempt(Work&& work, Failed&& failed) noexcept {
    const auto report = [&](std::string_view reason) noexcept {
        try {
            failed(reason);
        } catch (...) { // NOLINT(bugprone-empty-catch): out of memory, most likely; nothing else is possible
        }
    };
    try {
        work();
        return true;
    } catch (const std::exception& error) {
        report(error.what());
    } catch (...) {
        report("unknown exception");
    }
    return false;
}

} // namespace bambu2mqtt
