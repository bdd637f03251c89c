// Whether this user can use a state directory, and what to do if not.
#pragma once

#include <filesystem>
#include <string>

namespace bambu2mqtt {

/// What to do when this user cannot create or write the folder: a text for people.
[[nodiscard]] std::string writable_folder_advice(const std::filesystem::path& folder);

/// Why this user cannot write the folder, or create it where it is missing, and what to do; empty if it can.
/// Changes nothing.
[[nodiscard]] std::string why_not_writable(const std::filesystem::path& folder);

/// Name of the user who owns the folder, its number if it has no name; empty if there is no such folder.
[[nodiscard]] std::string owner_of(const std::filesystem::path& folder);

} // namespace bambu2mqtt
