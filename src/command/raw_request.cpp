#include "command/raw_request.hpp"

#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/text_util.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
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

/// A word of G-code: a letter and the integer part of its number, -1 without one.
struct CodeWord {
    char letter = 0;
    int number = -1;

    [[nodiscard]] bool is(char wanted, int which) const { return letter == wanted && number == which; }

    [[nodiscard]] bool is_one_of(std::string_view letters) const {
        return letters.find(letter) != std::string_view::npos;
    }
};

/// How a firmware may read `( )`: as a comment, as other controllers do, or as characters without a meaning.
enum class Brackets { comment, ignored };

/// Upper case without comments, which are `;` up to the end and perhaps `( )`, and without blanks, which may
/// be anywhere, also within a number. An unclosed bracket is not a comment: the following text may be
/// executed.
std::string code_of(std::string_view line, Brackets brackets) {
    std::string code;
    while (!line.empty() && line.front() != ';') {
        const char c = line.front();
        const bool opens = c == '(' && brackets == Brackets::comment;
        const auto comment_end = opens ? line.find(')') : std::string_view::npos;
        line.remove_prefix(comment_end == std::string_view::npos ? 1 : comment_end + 1);
        if (comment_end == std::string_view::npos && c > ' ' && c < 0x7F && c != '(' && c != ')') {
            code += upper(c);
        }
    }
    return code;
}

/// All words of a line, including line number, further commands and checksum.
std::vector<CodeWord> words_of_line(std::string_view line, Brackets brackets) {
    const auto code = code_of(line, brackets);
    std::vector<CodeWord> words;
    for (std::size_t at = 0; at < code.size(); ++at) {
        if (code[at] < 'A' || code[at] > 'Z') {
            continue;
        }
        CodeWord word{.letter = code[at]};
        const auto* const digits = code.data() + at + 1 + (code.substr(at + 1).starts_with('+') ? 1 : 0);
        std::from_chars(digits, code.data() + code.size(), word.number);
        words.push_back(word);
    }
    return words;
}

/// A printer may execute each command of a line, so each is checked. Parameters of M106 are the words up to
/// the next command; an axis anywhere in a line with G28 (or G28.1 and similar) may belong to it.
std::optional<std::string> problem_of_words(const std::vector<CodeWord>& words) {
    const auto is_command = [](const CodeWord& word) { return word.is_one_of("GMT"); };
    for (auto word = words.begin(); word != words.end(); ++word) {
        const auto end = std::find_if(word + 1, words.end(), is_command);
        const bool names_fan =
            std::any_of(word + 1, end, [](const CodeWord& parameter) { return parameter.letter == 'P'; });
        if (word->is('M', 106) && !names_fan) {
            return "M106 needs the fan: M106 P1 S255 (P1 part, P2 auxiliary, P3 chamber, P10 second "
                   "auxiliary fan)";
        }
        if (word->is('G', 28) &&
            std::ranges::any_of(words, [](const CodeWord& other) { return other.is_one_of("XYZ"); })) {
            return "single axes cannot be homed: send G28 alone";
        }
    }
    return std::nullopt;
}

/// A line is passed on only if it is harmless in both readings of its brackets.
std::optional<std::string> problem_of_line(std::string_view line) {
    auto problem = problem_of_words(words_of_line(line, Brackets::comment));
    if (!problem && line.find_first_of("()") != std::string_view::npos) {
        problem = problem_of_words(words_of_line(line, Brackets::ignored));
        if (problem) {
            *problem += "; text in ( ) may be executed, comments begin with ;";
        }
    }
    return problem;
}

std::optional<std::string> problem_of_gcode(std::string_view lines) {
    constexpr std::string_view line_ends{"\n\r\v\f\0", 5};
    while (!lines.empty()) {
        const auto end = std::min(lines.find_first_of(line_ends), lines.size());
        if (auto problem = problem_of_line(lines.substr(0, end))) {
            return problem;
        }
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return std::nullopt;
}

bool names_3mf(std::string_view path) {
    return ends_in_any_case(trimmed(path), ".3mf");
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
    if (command == "gcode_file" && names_3mf(param)) {
        return "a .3mf is printed with project_file (command print_3mf_file), gcode_file takes plain G-code";
    }
    return std::nullopt;
}

} // namespace

expected<void, Refusal> check_request(const Json& message) {
    const auto invalid = [](std::string text) { return refuse(Code::invalid_argument, std::move(text)); };
    if (!message.is_object()) {
        return invalid("the request is not a JSON object");
    }
    const auto length = json_text(message).size();
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
                                       sanitize_for_log(space), sanitize_for_log(member.key())));
        }
        space = member.key();
    }
    if (std::ranges::find(spaces, space) == spaces.end() || !message[space].is_object()) {
        return invalid(fmt::format("the request has the namespace \"{}\", expected an object in {}",
                                   sanitize_for_log(space), one_of(spaces)));
    }
    if (space == "system" && text_at(message[space], "command") == "get_access_code") {
        return refuse(Code::not_allowed, "requests for the access code are not allowed");
    }
    if (space == "print") {
        if (auto problem = problem_of_print(message[space])) {
            return invalid(*std::move(problem));
        }
    }
    return {};
}

} // namespace bambu2mqtt
