// What of a session's commands is kept in its state file: the last file listing, and whether it was closed.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>

namespace bambu2mqtt {

/// Bytes of JSON. A longer listing is not kept over a restart: the state file is written often.
inline constexpr std::size_t longest_kept_listing = 512UL * 1024;

/// Adds the last listing ({"listed_at", "files"}, or null: none) to what is written.
void remember_listing(Json& content, const OrderedJson& listing);

/// The listing of an earlier run; null where none was kept or it makes no sense.
[[nodiscard]] OrderedJson remembered_listing(const Json& saved);

/// Whether the session was closed with `quit` when the state was written.
[[nodiscard]] bool was_closed(const Json& saved);

} // namespace bambu2mqtt
