// Where configuration text comes from besides the configuration itself: small files and the environment.
// Knows nothing of keys; what it reads may be secret and never appears in its errors.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// The largest file a secret is read from, in bytes.
inline constexpr std::size_t largest_secret_file = 65536;

/// Why a regular file cannot be opened for reading; empty when it can.
[[nodiscard]] std::string why_unreadable(const std::filesystem::path& file);

/// A text whose ${NAME} parts were replaced.
struct ExpandedText {
    std::string text{};
    bool has_literal = false; ///< something stood outside of ${NAME}
};

/// Replaces every ${NAME} by the environment variable; NAME is [A-Za-z_][A-Za-z0-9_]*.
/// A variable that is not set and a "${" without a name and "}" are errors that show neither text nor values.
[[nodiscard]] expected<ExpandedText, Error> expand_environment(std::string_view text);

/// The permission bits a file has beyond its owner's, as four octal digits of its whole mode ("0644");
/// empty when only the owner may read it or there is no such file.
[[nodiscard]] std::string mode_open_to_others(const std::filesystem::path& file);

} // namespace bambu2mqtt
