#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/ams_id.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <vector>

namespace bambu2mqtt {

namespace {

/// One kind of unit. All numbers except `first` and `count` are those of its first unit.
struct AmsIdRow {
    int first = 0; ///< id on the wire
    int count = 0;
    std::string_view prefix{}; ///< of names
    int trays = 4;
    std::optional<unsigned> exist_bit{};
    unsigned tray_exist_bit = 0;
    int tray_number = 0;
};

/// The longer of two prefixes with a common start comes first.
// clang-format off
constexpr std::array ams_ids{
    AmsIdRow{.first = 128, .count = 8, .prefix = "ams_ht_", .trays = 1, .exist_bit = 4U, .tray_exist_bit = 16, .tray_number = 128},
    AmsIdRow{.first = 16, .count = 1, .prefix = "ams_lite_", .tray_exist_bit = 24, .tray_number = 64},
    AmsIdRow{.first = 0, .count = 4, .prefix = "ams_", .exist_bit = 0U},
};
// clang-format on

} // namespace

std::optional<AmsId> AmsId::from_wire(std::int64_t id) {
    for (std::size_t row = 0; row < ams_ids.size(); ++row) {
        if (id >= ams_ids[row].first && id < ams_ids[row].first + ams_ids[row].count) {
            return AmsId{static_cast<int>(id), row};
        }
    }
    return std::nullopt;
}

std::optional<AmsId> AmsId::from_name(std::string_view name) {
    for (const auto& row : ams_ids) {
        if (name.starts_with(row.prefix)) {
            const Json digits(name.substr(row.prefix.size()));
            const auto number = read::integer(&digits);
            return number && *number >= 1 && *number <= row.count ? from_wire(row.first + *number - 1)
                                                                  : std::nullopt;
        }
    }
    return std::nullopt;
}

std::string_view AmsId::key() const {
    using Keys = std::array<std::vector<std::string>, ams_ids.size()>; // by row, and number in it
    static const Keys keys = [] {
        Keys made;
        for (std::size_t row = 0; row < ams_ids.size(); ++row) {
            for (int i = 0; i < ams_ids[row].count; ++i) {
                made[row].push_back(std::to_string(ams_ids[row].first + i));
            }
        }
        return made;
    }();
    return keys[row_][static_cast<std::size_t>(id_ - ams_ids[row_].first)];
}

std::string AmsId::name() const {
    return fmt::format("{}{}", ams_ids[row_].prefix, id_ - ams_ids[row_].first + 1);
}

int AmsId::trays() const {
    return ams_ids[row_].trays;
}

bool AmsId::is_ht() const {
    return trays() == 1;
}

std::optional<unsigned> AmsId::exist_bit() const {
    const auto& row = ams_ids[row_];
    return row.exist_bit ? std::optional{*row.exist_bit + static_cast<unsigned>(id_ - row.first)}
                         : std::nullopt;
}

unsigned AmsId::tray_exist_bit(int slot) const {
    const auto& row = ams_ids[row_];
    return row.tray_exist_bit + static_cast<unsigned>((id_ - row.first) * row.trays + slot % row.trays);
}

int AmsId::tray_number(int slot) const {
    const auto& row = ams_ids[row_];
    return row.tray_number + (id_ - row.first) * row.trays + slot % row.trays;
}

std::optional<AmsTray> numbered_tray(std::int64_t number) {
    for (std::size_t row = 0; row < ams_ids.size(); ++row) {
        const auto& kind = ams_ids[row];
        const auto end = kind.tray_number + std::int64_t{kind.count} * kind.trays;
        if (number >= kind.tray_number && number < end) {
            const auto index = number - kind.tray_number;
            return AmsTray{AmsId{kind.first + static_cast<int>(index / kind.trays), row},
                           static_cast<int>(index % kind.trays)};
        }
    }
    return std::nullopt;
}

} // namespace bambu2mqtt
