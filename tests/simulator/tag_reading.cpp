#include "simulator/tag_reading.hpp"

#include "simulator/spool_places.hpp"

namespace bambu2mqtt::simulator {
namespace {

constexpr int identifying = 512; // ams_status
constexpr int first_external_unit = 254;

} // namespace

bool tag_readable(const Machine& machine, const TrayPlace& place) {
    const auto* const spool = spool_at(machine, place);
    return place.unit < first_external_unit && spool != nullptr && spool->contains("tray_type") &&
           !machine.loaded() && !machine.job_under_way() && !machine.changing_filament();
}

void read_tag(Machine& machine, const TrayPlace& place) {
    set_tray_bit(machine, "tray_read_done_bits", place, false);
    set_tray_bit(machine, "tray_reading_bits", place, true);
    machine.document().set({"ams_rfid_status"}, 1);
    machine.document().set({"ams_status"}, identifying);
    machine.later(machine.durations().tag_reading, [place](Machine& self) {
        set_tray_bit(self, "tray_reading_bits", place, false);
        set_tray_bit(self, "tray_read_done_bits", place, true);
        self.document().set({"ams_rfid_status"}, 0);
        if (self.state().at("ams_status") == identifying)
            self.document().set({"ams_status"}, 0);
    });
}

} // namespace bambu2mqtt::simulator
