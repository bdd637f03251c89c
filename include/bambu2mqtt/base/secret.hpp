// A text that must not appear in any output.
#pragma once

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

/// Printing it gives "***"; only reveal() gives the text itself.
class Secret {
  public:
    Secret() = default;

    explicit Secret(std::string text) : text_(std::move(text)) {}

    [[nodiscard]] const std::string& reveal() const noexcept { return text_; }

    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

    bool operator==(const Secret&) const = default;

  private:
    std::string text_;
};

/// What fmt and spdlog print for a Secret.
[[nodiscard]] inline std::string_view format_as(const Secret&) noexcept {
    return "***";
}

/// What streams print for a Secret.
inline std::ostream& operator<<(std::ostream& stream, const Secret& secret) {
    return stream << format_as(secret);
}

} // namespace bambu2mqtt

/// fmt 9 takes format_as of enumerations only, so that a Secret needs this to be printable at all.
template <>
struct fmt::formatter<bambu2mqtt::Secret> : fmt::formatter<std::string_view> {
    template <typename Context>
    auto format(const bambu2mqtt::Secret& secret, Context& context) const {
        return fmt::formatter<std::string_view>::format(format_as(secret), context);
    }
};
