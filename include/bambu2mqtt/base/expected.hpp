// The one form of "a value, or why there is none": `expected<T, E>`, with E = Error for failures, Refusal for
// commands. It is C++23's std::expected, from Debian's libexpected-dev until the compilers have it.
#pragma once

#include <bambu2mqtt/base/error.hpp>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace bambu2mqtt {

/// `return value;` on success, `return unexpected(error);` on failure, `return {};` for the success of an
/// `expected<void, E>`. Reading the side that is not there is a bug.
using tl::expected;
using tl::unexpected;

/// `return failure(Problem::unavailable, "...");`
[[nodiscard]] inline unexpected<Error> failure(Problem problem, std::string detail) {
    return unexpected<Error>(Error{problem, std::move(detail)});
}

} // namespace bambu2mqtt
