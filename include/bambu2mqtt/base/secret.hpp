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

/// Format of a Secret for fmt and spdlog.
[[nodiscard]] inline std::string_view format_as(const Secret&) noexcept {
    return "***";
}

/// Format of a Secret for streams.
inline std::ostream& operator<<(std::ostream& stream, const Secret& secret) {
    return stream << format_as(secret);
}

} // namespace bambu2mqtt

/// fmt 9 supports format_as only for enumerations, so a Secret needs this to be printable.
template <>
struct fmt::formatter<bambu2mqtt::Secret> : fmt::formatter<std::string_view> {
    template <typename Context>
    auto format(const bambu2mqtt::Secret& secret, Context& context) const {
        return fmt::formatter<std::string_view>::format(format_as(secret), context);
    }
};
