#include <bambu2mqtt/base/status.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace bambu2mqtt {

std::string_view name_of(Status status) {
    constexpr std::array<std::string_view, 6> names{"effective", "accepted",    "done",
                                                    "refused",   "unconfirmed", "failed"};
    return names[static_cast<std::size_t>(status)];
}

std::string_view name_of(Code code) {
    constexpr std::array<std::string_view, 12> names{
        "",        "invalid_argument",        "unknown_command", "not_supported", "busy",     "not_allowed",
        "offline", "developer_mode_required", "printer_refused", "not_found",     "conflict", "superseded"};
    return names[static_cast<std::size_t>(code)];
}

unexpected<Refusal> refuse(Code code, std::string message) {
    return unexpected(Refusal{code, std::move(message)});
}

} // namespace bambu2mqtt
