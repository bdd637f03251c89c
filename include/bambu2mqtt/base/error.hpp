// What kind of failure something is, with a text for people.
#pragma once

#include <cstdint>
#include <string>

namespace bambu2mqtt {

/// The kind of a failure; users see these words.
enum class Problem : std::uint8_t {
    malformed,    ///< text that cannot be parsed: JSON, TOML, a certificate
    unknown,      ///< an unknown name: a key, a command, a placeholder
    out_of_range, ///< a value outside the allowed range
    unavailable,  ///< something missing: a file, a peer
    refused,      ///< the peer refused
    timed_out,    ///< the peer did not answer
};

/// A failure. `detail` has the place (file, line, byte offset, key) and the expected value, in lower case and
/// without a full stop.
struct Error {
    Problem problem = Problem::malformed;
    std::string detail{};
};

} // namespace bambu2mqtt
