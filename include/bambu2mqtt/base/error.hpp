// What kind of failure something is, with a text for people.
#pragma once

#include <cstdint>
#include <string>

namespace bambu2mqtt {

/// What kind of failure it is; the words are the ones users see.
enum class Problem : std::uint8_t {
    malformed,    ///< text that does not parse: JSON, TOML, a certificate
    unknown,      ///< a name that means nothing here: a key, a command, a placeholder
    out_of_range, ///< a value outside what is allowed
    unavailable,  ///< something that should be there is not: a file, a peer
    refused,      ///< the other side said no
    timed_out,    ///< the other side said nothing
};

/// A failure. `detail` names the place (file, line, byte offset, key) and what was expected,
/// in lower case and without a full stop.
struct Error {
    Problem problem = Problem::malformed;
    std::string detail{};
};

} // namespace bambu2mqtt
