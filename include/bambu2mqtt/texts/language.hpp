// The languages of names, display words and error texts.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bambu2mqtt {

/// Each has a file texts/<word>.txt.
enum class Language : std::uint8_t { en, de };

/// Their words in the configuration, in the order of the enumerators.
inline constexpr std::array<std::string_view, 2> language_words{"en", "de"};

} // namespace bambu2mqtt
