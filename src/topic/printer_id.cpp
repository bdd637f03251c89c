#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/printer/model.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

bool is_plain_level(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= longest_printer_id && std::ranges::all_of(text, allowed);
}

bool is_printer_id(std::string_view text) {
    constexpr auto reserved = std::to_array<std::string_view>({"bridge", "group", "response"});
    return is_plain_level(text) && std::ranges::find(reserved, text) == reserved.end();
}

bool is_group_name(std::string_view text) {
    return is_plain_level(text) && text != every_printer && text != "command";
}

std::string default_printer_id(std::string_view serial, std::size_t digits) {
    const auto model = model_of_serial(serial);
    if (model == Model::unknown || digits >= serial.size()) {
        return lower(serial);
    }
    return lower(fmt::format("{}_{}", traits(model).code, serial.substr(serial.size() - digits)));
}

std::string former_default_printer_id(std::string_view serial) {
    return lower(serial);
}

} // namespace bambu2mqtt
