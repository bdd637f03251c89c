#include "entity/display_words.hpp"

#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/entity/names.hpp>
#include <bambu2mqtt/texts/texts.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <variant>

namespace bambu2mqtt {

namespace {

/// The text of a value, or the value itself as words.
std::string words_for(std::string_view group, std::string_view value, Language language) {
    const auto text = texts_in(language).find(TextGroup::words, fmt::format("{}.{}", group, value));
    return text.empty() ? name_from_id(value) : std::string{text};
}

} // namespace

std::string status_words(std::string_view status, Language language) {
    return words_for("status", status, language);
}

std::string stage_words(std::string_view stage, Language language) {
    return words_for("stage", stage, language);
}

std::string feed_words(std::string_view feed, Language language) {
    constexpr std::string_view tray = "_tray_";
    const auto split = feed.find(tray);
    if (split != std::string_view::npos) {
        return filled(texts_in(language).find(TextGroup::words, "tray.of_unit"),
                      {{"unit", device_words(feed.substr(0, split), language)},
                       {"n", std::string{feed.substr(split + tray.size())}}});
    }
    return feed == "none" ? words_for("tray", feed, language) : device_words(feed, language);
}

std::string spool_words(std::string_view spool, Language language) {
    return spool == "empty" || spool == "unidentified" ? words_for("spool", spool, language)
                                                       : std::string{spool};
}

void put_words(const Value& value, std::string (*words)(std::string_view, Language), const View& view,
               OrderedJson& out) {
    const auto* const text = std::get_if<std::string>(&value);
    out["text"] = text != nullptr ? OrderedJson(words(*text, view.gateway.language)) : OrderedJson(nullptr);
}

} // namespace bambu2mqtt
