// How much memory values of a report use once they are merged.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <cstddef>

namespace bambu2mqtt {

/// Bytes of the parts of values, as the standard library and malloc lay them out: rather too high.
namespace memory_use {

inline constexpr std::size_t object = 64;  ///< map, heap
inline constexpr std::size_t list = 48;    ///< vector, heap of both
inline constexpr std::size_t in_list = 32; ///< an element; lists have places for up to twice as many
inline constexpr std::size_t text = 48;    ///< string, heap; and its bytes

/// A member of an object: node of the map with key and value, heap.
[[nodiscard]] constexpr std::size_t member(std::size_t key_bytes) noexcept {
    constexpr std::size_t node = 32 + 32 + 16 + 16;
    constexpr std::size_t short_key = 15; // has no memory of its own
    constexpr std::size_t heap = 16;
    return node + (key_bytes > short_key ? key_bytes + heap : 0);
}

} // namespace memory_use

/// Bytes of memory that a value uses, without its entry in the parent.
[[nodiscard]] std::size_t memory_of(const Json& value);

/// The same for what `source` can become by merging; stops counting above `most`.
[[nodiscard]] std::size_t memory_of(const simdjson::dom::object& source, std::size_t most);

/// The text of a report becomes at most this many times its bytes, by memory_of(): [{},{},... is the worst.
inline constexpr std::size_t most_memory_per_byte = 32;

} // namespace bambu2mqtt
