// The texts of a language: its file texts/<language>.txt, embedded at build time.
#pragma once

#include <bambu2mqtt/texts/language.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// The sections of a language file: "[errors]".
enum class TextGroup : std::uint8_t {
    errors, ///< by the text key of an ErrorPattern
    places, ///< names of units, slots, modules and severities, also used inside error texts
    words,  ///< display words of enum values
    names,  ///< names of entities, by the pattern of their id: "{ams}_humidity"
    count_
};

/// The texts of one language. The file has sections, comments ("# ..."), and lines KEY = TEXT; blanks at both
/// ends of key and text do not count. All views point into the content, which has to outlive it.
class Texts {
  public:
    using Line = std::pair<std::string_view, std::string_view>; ///< key, text

    explicit Texts(std::string_view content);

    /// The text of a key; empty if there is none.
    [[nodiscard]] std::string_view find(TextGroup group, std::string_view key) const;

    /// All lines of a section, sorted by key.
    [[nodiscard]] std::span<const Line> lines(TextGroup group) const {
        return groups_[static_cast<std::size_t>(group)];
    }

    /// Lines that are neither section, comment nor text, and keys that occur twice; empty for a valid file.
    [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }

  private:
    std::array<std::vector<Line>, static_cast<std::size_t>(TextGroup::count_)> groups_;
    std::vector<std::string> problems_;
};

/// The embedded texts of a language.
[[nodiscard]] const Texts& texts_in(Language language);

/// The text with each "{name}" replaced by its value; names without a value stay.
[[nodiscard]] std::string filled(std::string_view text,
                                 std::initializer_list<std::pair<std::string_view, std::string>> values);

} // namespace bambu2mqtt
