// The boundary for exceptions on the threads of the edges and in callbacks of C libraries: what escapes from
// a piece of work is logged and is that work's failure. Nothing here knows what the work is.
#pragma once

#include <chrono>
#include <exception>
#include <string_view>
#include <thread>
#include <utility>

namespace bambu2mqtt {

/// How long the loop of a thread rests after a turn that failed, so that a lasting fault does not keep a
/// processor busy and fill the log.
inline constexpr std::chrono::seconds rest_after_failure{1};

/// Logs as an error that an exception has escaped from `what` ("host name lookup"). Never throws.
void log_escaped(std::string_view what, std::string_view reason) noexcept;

/// Does `work()`. When an exception escapes from it, that is logged with `what`, and then `failed(reason)`
/// turns it into the failure of this work; `reason` is what the exception says and lives as long as the call.
/// What escapes from `failed` is logged too. Returns whether the work was done.
template <typename Work, typename Failed>
bool guard(std::string_view what, Work&& work, Failed&& failed) noexcept {
    constexpr std::string_view no_text = "unknown exception";
    const auto fail = [&](std::string_view reason) noexcept {
        log_escaped(what, reason);
        try {
            failed(reason);
        } catch (const std::exception& error) {
            log_escaped(what, error.what());
        } catch (...) {
            log_escaped(what, no_text);
        }
    };
    try {
        work();
        return true;
    } catch (const std::exception& error) {
        fail(error.what());
    } catch (...) {
        fail(no_text);
    }
    return false;
}

/// The same for work whose failure needs nothing but the line in the log.
template <typename Work>
bool guard(std::string_view what, Work&& work) noexcept {
    return guard(what, std::forward<Work>(work), [](std::string_view) {});
}

/// Starts a thread that runs `body()` inside guard(): all threads of the program are started so. `what` lives
/// as long as the thread (a literal). Throws std::system_error when there can be no thread. The pieces of
/// work within `body` have guards of their own, as the thread ends when something escapes from it.
template <typename Body>
[[nodiscard]] std::thread guarded_thread(std::string_view what, Body body) {
    return std::thread([what, body = std::move(body)]() mutable { guard(what, body); });
}

} // namespace bambu2mqtt
