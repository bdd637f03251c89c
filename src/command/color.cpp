// CSS colour names, and colours in the printers' format.
#include "command/color.hpp"

#include <bambu2mqtt/base/ascii.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

namespace bambu2mqtt {

namespace {

struct Name {
    std::string_view name{};
    std::uint32_t rgb = 0;
};

/// By name. Source: CSS Color Module Level 4, named colours.
// clang-format off
constexpr std::array names{
    Name{"aliceblue", 0xF0F8FF}, Name{"antiquewhite", 0xFAEBD7}, Name{"aqua", 0x00FFFF}, Name{"aquamarine", 0x7FFFD4},
    Name{"azure", 0xF0FFFF}, Name{"beige", 0xF5F5DC}, Name{"bisque", 0xFFE4C4}, Name{"black", 0x000000},
    Name{"blanchedalmond", 0xFFEBCD}, Name{"blue", 0x0000FF}, Name{"blueviolet", 0x8A2BE2}, Name{"brown", 0xA52A2A},
    Name{"burlywood", 0xDEB887}, Name{"cadetblue", 0x5F9EA0}, Name{"chartreuse", 0x7FFF00},
    Name{"chocolate", 0xD2691E}, Name{"coral", 0xFF7F50}, Name{"cornflowerblue", 0x6495ED},
    Name{"cornsilk", 0xFFF8DC}, Name{"crimson", 0xDC143C}, Name{"cyan", 0x00FFFF}, Name{"darkblue", 0x00008B},
    Name{"darkcyan", 0x008B8B}, Name{"darkgoldenrod", 0xB8860B}, Name{"darkgray", 0xA9A9A9},
    Name{"darkgreen", 0x006400}, Name{"darkgrey", 0xA9A9A9}, Name{"darkkhaki", 0xBDB76B},
    Name{"darkmagenta", 0x8B008B}, Name{"darkolivegreen", 0x556B2F}, Name{"darkorange", 0xFF8C00},
    Name{"darkorchid", 0x9932CC}, Name{"darkred", 0x8B0000}, Name{"darksalmon", 0xE9967A},
    Name{"darkseagreen", 0x8FBC8F}, Name{"darkslateblue", 0x483D8B}, Name{"darkslategray", 0x2F4F4F},
    Name{"darkslategrey", 0x2F4F4F}, Name{"darkturquoise", 0x00CED1}, Name{"darkviolet", 0x9400D3},
    Name{"deeppink", 0xFF1493}, Name{"deepskyblue", 0x00BFFF}, Name{"dimgray", 0x696969}, Name{"dimgrey", 0x696969},
    Name{"dodgerblue", 0x1E90FF}, Name{"firebrick", 0xB22222}, Name{"floralwhite", 0xFFFAF0},
    Name{"forestgreen", 0x228B22}, Name{"fuchsia", 0xFF00FF}, Name{"gainsboro", 0xDCDCDC},
    Name{"ghostwhite", 0xF8F8FF}, Name{"gold", 0xFFD700}, Name{"goldenrod", 0xDAA520}, Name{"gray", 0x808080},
    Name{"green", 0x008000}, Name{"greenyellow", 0xADFF2F}, Name{"grey", 0x808080}, Name{"honeydew", 0xF0FFF0},
    Name{"hotpink", 0xFF69B4}, Name{"indianred", 0xCD5C5C}, Name{"indigo", 0x4B0082}, Name{"ivory", 0xFFFFF0},
    Name{"khaki", 0xF0E68C}, Name{"lavender", 0xE6E6FA}, Name{"lavenderblush", 0xFFF0F5}, Name{"lawngreen", 0x7CFC00},
    Name{"lemonchiffon", 0xFFFACD}, Name{"lightblue", 0xADD8E6}, Name{"lightcoral", 0xF08080},
    Name{"lightcyan", 0xE0FFFF}, Name{"lightgoldenrodyellow", 0xFAFAD2}, Name{"lightgray", 0xD3D3D3},
    Name{"lightgreen", 0x90EE90}, Name{"lightgrey", 0xD3D3D3}, Name{"lightpink", 0xFFB6C1},
    Name{"lightsalmon", 0xFFA07A}, Name{"lightseagreen", 0x20B2AA}, Name{"lightskyblue", 0x87CEFA},
    Name{"lightslategray", 0x778899}, Name{"lightslategrey", 0x778899}, Name{"lightsteelblue", 0xB0C4DE},
    Name{"lightyellow", 0xFFFFE0}, Name{"lime", 0x00FF00}, Name{"limegreen", 0x32CD32}, Name{"linen", 0xFAF0E6},
    Name{"magenta", 0xFF00FF}, Name{"maroon", 0x800000}, Name{"mediumaquamarine", 0x66CDAA},
    Name{"mediumblue", 0x0000CD}, Name{"mediumorchid", 0xBA55D3}, Name{"mediumpurple", 0x9370DB},
    Name{"mediumseagreen", 0x3CB371}, Name{"mediumslateblue", 0x7B68EE}, Name{"mediumspringgreen", 0x00FA9A},
    Name{"mediumturquoise", 0x48D1CC}, Name{"mediumvioletred", 0xC71585}, Name{"midnightblue", 0x191970},
    Name{"mintcream", 0xF5FFFA}, Name{"mistyrose", 0xFFE4E1}, Name{"moccasin", 0xFFE4B5},
    Name{"navajowhite", 0xFFDEAD}, Name{"navy", 0x000080}, Name{"oldlace", 0xFDF5E6}, Name{"olive", 0x808000},
    Name{"olivedrab", 0x6B8E23}, Name{"orange", 0xFFA500}, Name{"orangered", 0xFF4500}, Name{"orchid", 0xDA70D6},
    Name{"palegoldenrod", 0xEEE8AA}, Name{"palegreen", 0x98FB98}, Name{"paleturquoise", 0xAFEEEE},
    Name{"palevioletred", 0xDB7093}, Name{"papayawhip", 0xFFEFD5}, Name{"peachpuff", 0xFFDAB9},
    Name{"peru", 0xCD853F}, Name{"pink", 0xFFC0CB}, Name{"plum", 0xDDA0DD}, Name{"powderblue", 0xB0E0E6},
    Name{"purple", 0x800080}, Name{"rebeccapurple", 0x663399}, Name{"red", 0xFF0000}, Name{"rosybrown", 0xBC8F8F},
    Name{"royalblue", 0x4169E1}, Name{"saddlebrown", 0x8B4513}, Name{"salmon", 0xFA8072},
    Name{"sandybrown", 0xF4A460}, Name{"seagreen", 0x2E8B57}, Name{"seashell", 0xFFF5EE}, Name{"sienna", 0xA0522D},
    Name{"silver", 0xC0C0C0}, Name{"skyblue", 0x87CEEB}, Name{"slateblue", 0x6A5ACD}, Name{"slategray", 0x708090},
    Name{"slategrey", 0x708090}, Name{"snow", 0xFFFAFA}, Name{"springgreen", 0x00FF7F}, Name{"steelblue", 0x4682B4},
    Name{"tan", 0xD2B48C}, Name{"teal", 0x008080}, Name{"thistle", 0xD8BFD8}, Name{"tomato", 0xFF6347},
    Name{"turquoise", 0x40E0D0}, Name{"violet", 0xEE82EE}, Name{"wheat", 0xF5DEB3}, Name{"white", 0xFFFFFF},
    Name{"whitesmoke", 0xF5F5F5}, Name{"yellow", 0xFFFF00}, Name{"yellowgreen", 0x9ACD32},
};

// clang-format on

std::string hex(std::uint32_t rgb) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text(6, '0');
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[text.size() - 1 - i] = digits[(rgb >> (4 * i)) & 0xFU];
    }
    return text;
}

} // namespace

std::optional<std::string> printer_color(std::string_view text) {
    const auto folded = lower(text);
    const auto found = std::ranges::lower_bound(names, std::string_view{folded}, {}, &Name::name);
    if (found != names.end() && found->name == folded) {
        return hex(found->rgb) + "FF";
    }
    auto digits = text.starts_with('#') ? text.substr(1) : text;
    const bool good = (digits.size() == 6 || digits.size() == 8) &&
                      std::ranges::all_of(digits, [](unsigned char c) { return std::isxdigit(c) != 0; });
    if (!good) {
        return std::nullopt;
    }
    const auto color = upper(digits);
    return color.size() == 6 ? color + "FF" : color;
}

} // namespace bambu2mqtt
