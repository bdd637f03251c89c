// Texts for messages: quoting found values, lists of options, suggestions. Independent of their sources.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Number of single-character changes (insert, delete, replace, swap of neighbours) between two names; case
/// is ignored, and "-" and "_" are equal.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

/// The nearest known name for a misspelt one: few changes away, or one contains the other. Empty if none is
/// near enough for a suggestion.
[[nodiscard]] std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

/// How printable() writes.
struct PrintableForm {
    bool ascii_only =
        false; ///< bytes above 0x7F become "?" too: for text of unknown encoding, and for names of peers
    bool ellipsis = true; ///< "..." where text was cut off
};

/// Foreign text made fit for one line: what is no UTF-8 and control characters (C0, DEL, C1) become "?", and
/// what is over `longest` bytes is cut off, never inside a character.
[[nodiscard]] std::string printable(std::string_view text, std::size_t longest, PrintableForm form = {});

/// The same for a part of a message; all before the last "@", but for the scheme of a URL, becomes "***",
/// because it may contain a password.
[[nodiscard]] std::string sanitize_for_log(std::string_view text, std::size_t longest = 80,
                                           PrintableForm form = {});

/// `"a", "b" or "c"`: a list of options.
[[nodiscard]] std::string one_of(std::span<const std::string_view> words);

} // namespace bambu2mqtt
