// Texts that name environment variables.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// A text whose ${NAME} parts were replaced.
struct ExpandedText {
    std::string text{};
    bool has_literal = false; ///< there is text outside of ${NAME}
};

/// Replaces every ${NAME} by the environment variable; NAME is [A-Za-z_][A-Za-z0-9_]*. A variable that is
/// not set and a "${" without a name and "}" are errors that show neither the text nor values.
[[nodiscard]] expected<ExpandedText, Error> expand_environment(std::string_view text);

} // namespace bambu2mqtt
