#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/topic/slug.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace bambu2mqtt {

namespace {

/// The lower case ASCII base of each letter from U+00C0 on: the canonical and compatibility decompositions of
/// Unicode 15 without accents, and the usual base of stroked letters. '_': none; '+': more than one, see
/// `ligatures`.
constexpr char32_t latin_first = 0xC0;
constexpr std::string_view latin_bases = "aaaaaa+ceeeeiiiidnooooo_ouuuuy++aaaaaa+ceeeeiiiidnooooo_ouuuuy+y"
                                         "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii++jjkkkllllll_"
                                         "_llnnnnnn_nnoooooo++rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
                                         "________________________________oo_____________uu_______________"
                                         "____+++++++++aaiioouuuuuuuuuu_aaaa____ggkkoooo__j+++gg__nnaa____"
                                         "aaaaeeeeiiiioooorrrruuuusstt__hh______aaeeooooooooyy____________";

/// The same from U+1E00 on.
constexpr char32_t additional_first = 0x1E00;
constexpr std::string_view additional_bases =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwy_s__+_aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy______";

constexpr auto ligatures = std::to_array<std::pair<char32_t, std::string_view>>({
    {0xC6, "ae"},  {0xDE, "th"},  {0xDF, "ss"},  {0xE6, "ae"},   {0xFE, "th"},  {0x132, "ij"},
    {0x133, "ij"}, {0x152, "oe"}, {0x153, "oe"}, {0x1C4, "dz"},  {0x1C5, "dz"}, {0x1C6, "dz"},
    {0x1C7, "lj"}, {0x1C8, "lj"}, {0x1C9, "lj"}, {0x1CA, "nj"},  {0x1CB, "nj"}, {0x1CC, "nj"},
    {0x1F1, "dz"}, {0x1F2, "dz"}, {0x1F3, "dz"}, {0x1E9E, "ss"},
});

constexpr bool is_slug_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// A valid UTF-8 sequence as its code point.
char32_t code_point(std::string_view sequence) {
    constexpr std::array<unsigned, 5> lead_bits{0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t point = static_cast<unsigned char>(sequence[0]) & lead_bits.at(sequence.size());
    for (const char c : sequence.substr(1)) {
        point = (point << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
    }
    return point;
}

/// The replacement of a letter: its base, "_", or nothing for a combining accent.
std::string_view base_of(char32_t point) {
    if (point >= 0x300 && point < 0x370) {
        return {};
    }
    for (const auto& [first, bases] :
         {std::pair{latin_first, latin_bases}, std::pair{additional_first, additional_bases}}) {
        if (point < first || point - first >= bases.size()) {
            continue;
        }
        const auto base = bases.substr(point - first, 1);
        if (base != "+") {
            return base;
        }
        const auto* const found =
            std::ranges::find(ligatures, point, &std::pair<char32_t, std::string_view>::first);
        return found == ligatures.end() ? "_" : found->second;
    }
    return "_";
}

} // namespace

std::string entity_slug(std::string_view text) {
    std::string slug;
    slug.reserve(text.size());
    const auto add = [&slug](char c) {
        if (is_slug_letter(lower(c))) {
            slug.push_back(lower(c));
        } else if (!slug.empty() && slug.back() != '_') {
            slug.push_back('_');
        }
    };
    while (!text.empty()) {
        const auto length = utf8_length(text);
        if (length < 2) { // ASCII, or an invalid byte
            add(text[0]);
        } else {
            std::ranges::for_each(base_of(code_point(text.substr(0, length))), add);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    if (!slug.empty() && slug.back() == '_') {
        slug.pop_back();
    }
    return slug;
}

} // namespace bambu2mqtt
