#include "simulator/tag_reading.hpp"

#include "simulator/spool_places.hpp"
#include "simulator/spools.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr int identifying = 512; // ams_status
constexpr int first_external_unit = 254;

/// Sets or clears a bit of a hexadecimal word below `ams`.
void set_bit(Machine& machine, const char* key, int bit, bool on) {
    const auto text = machine.state().at("ams").value(key, "0");
    const auto mask = std::uint64_t{1} << static_cast<unsigned>(bit);
    const auto word = std::stoull(text, nullptr, 16);
    machine.document().set({"ams", key}, fmt::format("{:x}", on ? word | mask : word & ~mask));
}

} // namespace

bool tag_readable(const Machine& machine, const TrayPlace& place) {
    const auto* const spool = spool_at(machine, place);
    return place.unit < first_external_unit && spool != nullptr && spool->contains("tray_type") &&
           !machine.loaded() && !machine.job_under_way() && !machine.changing_filament();
}

void read_tag(Machine& machine, const TrayPlace& place) {
    const int bit = tray_bit(place.unit, place.slot);
    set_bit(machine, "tray_read_done_bits", bit, false);
    set_bit(machine, "tray_reading_bits", bit, true);
    machine.document().set({"ams_rfid_status"}, 1);
    machine.document().set({"ams_status"}, identifying);
    machine.later(machine.durations().tag_reading, [bit](Machine& self) {
        set_bit(self, "tray_reading_bits", bit, false);
        set_bit(self, "tray_read_done_bits", bit, true);
        self.document().set({"ams_rfid_status"}, 0);
        if (self.state().at("ams_status") == identifying)
            self.document().set({"ams_status"}, 0);
    });
}

} // namespace bambu2mqtt::simulator
