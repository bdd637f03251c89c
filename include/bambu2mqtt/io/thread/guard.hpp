// Exception boundary of the threads of the edges and of callbacks of C libraries: an exception that escapes
// from a job is logged and becomes the failure of that job. Independent of what the jobs do.
#pragma once

#include <bambu2mqtt/base/attempt.hpp>

#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace bambu2mqtt {

/// Pause of a thread's loop after a failed turn, so that a permanent fault neither keeps a processor busy nor
/// fills the log.
inline constexpr std::chrono::seconds rest_after_failure{1};

/// Logs as an error that an exception has escaped from `what` ("host name lookup"). Never throws.
void log_escaped(std::string_view what, std::string_view reason) noexcept;

/// Calls `work()`. If an exception escapes from it, it is logged with `what`, and `failed(reason)` is called
/// to report the failure; `reason` is the exception's message, valid during the call. An exception from
/// `failed` is logged too. Returns true if the work was done.
template <typename Work, typename Failed>
bool guard(std::string_view what, Work&& work, Failed&& failed) noexcept {
    return attempt(work, [&](std::string_view reason) {
        log_escaped(what, reason);
        attempt([&] { failed(reason); }, [&](std::string_view again) { log_escaped(what, again); });
    });
}

/// The same for work whose failure is only logged.
template <typename Work>
bool guard(std::string_view what, Work&& work) noexcept {
    return guard(what, std::forward<Work>(work), [](std::string_view) {});
}

/// Starts a thread that runs `body()` inside guard(): all threads of the program are started with it. `what`
/// must outlive the thread (a literal). Throws std::system_error if the thread cannot be started. Jobs within
/// `body` have their own guards, as an escaping exception ends the thread.
template <typename Body>
[[nodiscard]] std::thread guarded_thread(std::string_view what, Body body) {
    return std::thread([what, body = std::move(body)]() mutable { guard(what, body); });
}

} // namespace bambu2mqtt
