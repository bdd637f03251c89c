// The plates of a sliced .3mf. Reads only the directory of the archive and unpacks nothing, so that no
// archive can use more than a few kilobytes of memory. Knows no file system.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/status.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>

namespace bambu2mqtt {

/// A file to be read, wherever it is stored.
struct Archive {
    std::uint64_t size = 0; ///< bytes
    /// Fills the whole span from an offset; false on failure.
    std::function<bool(std::uint64_t offset, std::span<char> into)> read{};
};

/// The numbers N with a `Metadata/plate_N.gcode`: the printable plates. Empty for a project that has not been
/// sliced. Fails as `malformed` if it is not a valid ZIP archive, as `out_of_range` over a million entries,
/// as `unavailable` if it cannot be read.
[[nodiscard]] expected<std::set<int>, Error> plates_of(const Archive& archive);

/// Succeeds if the archive has this plate; fails with why it cannot be printed: not_found with the existing
/// plates, or invalid_argument if it is not a .3mf.
[[nodiscard]] expected<void, Refusal> check_plate(const Archive& archive, int plate);

} // namespace bambu2mqtt
