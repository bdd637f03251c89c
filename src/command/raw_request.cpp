#include <bambu2mqtt/command/raw_request.hpp>
#include <bambu2mqtt/core/words.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

namespace {

constexpr std::size_t largest = 16 * 1024;

constexpr std::array<std::string_view, 9> spaces{"print",  "system",  "pushing", "info",    "xcam",
                                                 "camera", "upgrade", "update",  "security"};

std::string text_at(const Json& body, const char* key) {
    const auto found = body.find(key);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string upper(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

/// The words of one line of G-code, in upper case and without its comment.
std::vector<std::string> words_of(std::string_view line) {
    const auto code = upper(line.substr(0, line.find(';')));
    std::vector<std::string> words;
    std::size_t at = 0;
    while ((at = code.find_first_not_of(" \t\r", at)) != std::string::npos) {
        const auto end = std::min(code.find_first_of(" \t\r", at), code.size());
        words.push_back(code.substr(at, end - at));
        at = end;
    }
    return words;
}

bool has_word(const std::vector<std::string>& words, char letter) {
    return std::any_of(words.begin() + 1, words.end(),
                       [&](const std::string& word) { return word.front() == letter; });
}

std::optional<std::string> problem_of_line(const std::vector<std::string>& words) {
    if (words.front() == "M106" && !has_word(words, 'P')) {
        return "M106 needs the fan: M106 P1 S255 (P1 part, P2 auxiliary, P3 chamber, P10 second auxiliary "
               "fan)";
    }
    if (words.front() == "G28" && (has_word(words, 'X') || has_word(words, 'Y') || has_word(words, 'Z'))) {
        return "single axes are not homed: send G28 alone";
    }
    return std::nullopt;
}

std::optional<std::string> problem_of_gcode(std::string_view lines) {
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        const auto words = words_of(lines.substr(0, end));
        if (!words.empty()) {
            if (auto problem = problem_of_line(words)) {
                return problem;
            }
        }
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return std::nullopt;
}

std::optional<std::string> problem_of_print(const Json& body) {
    const auto command = text_at(body, "command");
    const auto param = text_at(body, "param");
    if (command == "ledctrl") {
        return "lamps are switched in the namespace system: {\"system\": {\"command\": \"ledctrl\", ...}}";
    }
    if (command == "gcode_line") {
        return problem_of_gcode(param);
    }
    if (command == "gcode_file" && upper(param).ends_with(".3MF")) {
        return "a .3mf is printed with project_file (command print_3mf_file), gcode_file takes plain G-code";
    }
    return std::nullopt;
}

} // namespace

std::optional<Refusal> problem_of_request(const Json& message) {
    const auto invalid = [](std::string text) { return Refusal{Code::invalid_argument, std::move(text)}; };
    const auto length = message.dump(-1, ' ', false, Json::error_handler_t::replace).size();
    if (length > largest) {
        return invalid(fmt::format("the request has {} bytes, at most {} are expected", length, largest));
    }
    const auto is_space = [](const auto& member) { return member.key() != "header"; };
    std::string space;
    for (const auto& member : message.items()) {
        if (!is_space(member)) {
            continue;
        }
        if (!space.empty()) {
            return invalid(fmt::format("the request has the namespaces {} and {}, exactly one is expected",
                                       shown(space), shown(member.key())));
        }
        space = member.key();
    }
    if (std::ranges::find(spaces, space) == spaces.end() || !message[space].is_object()) {
        return invalid(fmt::format("the request has the namespace \"{}\", expected an object in {}",
                                   shown(space), one_of(spaces)));
    }
    if (space == "system" && text_at(message[space], "command") == "get_access_code") {
        return Refusal{Code::not_allowed, "the access code is not asked for"};
    }
    if (space == "print") {
        if (auto problem = problem_of_print(message[space])) {
            return invalid(*std::move(problem));
        }
    }
    return std::nullopt;
}

} // namespace bambu2mqtt
