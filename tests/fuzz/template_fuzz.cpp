// Arbitrary text as a component's template, as device.json and as an override: refused, or filled with no
// placeholders left.
#include <bambu2mqtt/homeassistant/templates.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace bambu2mqtt;

namespace {

/// Values of every JSON type, and without braces, so that filling cannot make new placeholders.
const Placeholders& values() {
    static const Placeholders some{
        {"unique_id", "S_x"},
        {"identifier", "bambu2mqtt_S"},
        {"components", OrderedJson::array({"a", 1})},
        {"options", OrderedJson::array({"on", "off"})},
        {"name", "Bed \"1\""},
        {"enabled_by_default", false},
        {"unit", 1.5},
        {"icon", nullptr},
    };
    return some;
}

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void try_as(std::string_view text, std::string_view file, bool is_patch) {
    const auto form = parse_template(text, file, is_patch);
    if (!form) {
        require(form.error().detail.starts_with(file));
        return;
    }
    require(form->is_object());
    OrderedJson once = fill_template(*form, values());
    require(once.is_object());
    require(fill_template(once, values()) == once);
    OrderedJson message = OrderedJson::object({{"unique_id", "S_x"}, {"qos", 1}});
    message.merge_patch(once);
    require(message.is_object());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    try_as(text, "sensor.json", false);
    try_as(text, "device.json", false);
    try_as(text, "entities/hms.json", true);
    return 0;
}
