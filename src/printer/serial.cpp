#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/printer/serial.hpp>

#include <algorithm>

namespace bambu2mqtt {

std::optional<std::string> read_serial(std::string_view text) {
    auto serial = upper(trimmed(text));
    const bool fits = serial.size() >= 8 && serial.size() <= 24;
    const auto allowed = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    if (!fits || !std::ranges::all_of(serial, allowed)) {
        return std::nullopt;
    }
    return serial;
}

} // namespace bambu2mqtt
