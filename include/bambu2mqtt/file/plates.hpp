// Which plates a sliced .3mf has. Reads the directory of the archive alone and unpacks nothing, so that no
// archive can make it need more than a few kilobytes of memory. Knows no file system.
#pragma once

#include <bambu2mqtt/base/result.hpp>
#include <bambu2mqtt/base/status.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>

namespace bambu2mqtt {

/// A file to be looked into, wherever it is.
struct Archive {
    std::uint64_t size = 0; ///< bytes
    /// Fills the whole span with what stands at an offset; false when it cannot.
    std::function<bool(std::uint64_t offset, std::span<char> into)> read{};
};

/// The numbers N for which there is a `Metadata/plate_N.gcode`: what a printer can print of it. Empty for a
/// project that has not been sliced. Fails as `malformed` when it is no ZIP archive or a broken one, as
/// `out_of_range` over a million entries, as `unavailable` when it cannot be read.
[[nodiscard]] Result<std::set<int>> plates_of(const Archive& archive);

/// Nothing when the archive has this plate, else why it cannot be printed: not_found with the plates there
/// are, or invalid_argument for what is no .3mf.
[[nodiscard]] std::optional<Refusal> why_no_plate(const Archive& archive, int plate);

} // namespace bambu2mqtt
