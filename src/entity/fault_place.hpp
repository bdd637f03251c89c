// The unit or spool that an error code names.
#pragma once

#include <bambu2mqtt/entity/spools.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace bambu2mqtt {

/// The place in the first 16 bits of a code ("0701"): its unit, slot 0, or an external spool; nothing for
/// modules that are no AMS.
[[nodiscard]] std::optional<Feed> place_in(std::uint32_t module_and_unit, const Facts& facts);

/// True for a tray or an external spool.
[[nodiscard]] bool is_place(const Feed& feed);

/// "ams_1", "external_spool".
[[nodiscard]] std::string prefix_of_place(const Feed& place);

} // namespace bambu2mqtt
