// Arbitrary bytes as a configuration: reading never throws and never crashes, and every problem can be
// printed.
#include <bambu2mqtt/config/config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The bytes are only read as characters, which may alias anything.
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto loaded = bambu2mqtt::parse_config(text, "fuzz/bambu2mqtt.toml");
    for (const auto& problem : loaded.problems) {
        if (problem.text.empty() || problem.to_string().empty()) {
            std::abort();
        }
    }
    const auto& printers = loaded.config.printers;
    if (loaded.problems.empty() && (printers.empty() || printers.front().serial.empty())) {
        std::abort();
    }
    return 0;
}
