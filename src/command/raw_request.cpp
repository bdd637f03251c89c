#include <bambu2mqtt/command/raw_request.hpp>
#include <bambu2mqtt/core/letters.hpp>
#include <bambu2mqtt/core/words.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace bambu2mqtt {

namespace {

constexpr std::size_t largest = 16 * 1024;

constexpr std::array<std::string_view, 9> spaces{"print",  "system",  "pushing", "info",    "xcam",
                                                 "camera", "upgrade", "update",  "security"};

std::string text_at(const Json& body, const char* key) {
    const auto found = body.find(key);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// A line of G-code: the command, and the letters of its parameters.
struct Line {
    char letter = 0;
    int number = -1;
    std::string parameters{};

    [[nodiscard]] bool is(char wanted, int which) const { return letter == wanted && number == which; }

    [[nodiscard]] bool has(std::string_view any_of) const {
        return parameters.find_first_of(any_of) != std::string::npos;
    }
};

/// "n10 G028 X0 Y ; both" is G 28 with X and Y: blanks between words may be missing, numbers may begin with
/// zeros, a line number may come first, and a comment counts for nothing.
Line read_line(std::string_view text) {
    const auto code = upper(text.substr(0, text.find(';')));
    Line line;
    std::size_t at = 0;
    while ((at = code.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", at)) != std::string::npos) {
        const char letter = code[at++];
        if (line.letter != 0) {
            line.parameters += letter;
        } else if (letter != 'N') {
            const auto digits = std::min(code.find_first_not_of(' ', at), code.size());
            line.letter = letter;
            std::from_chars(code.data() + digits, code.data() + code.size(), line.number);
        }
    }
    return line;
}

std::optional<std::string> problem_of_line(const Line& line) {
    if (line.is('M', 106) && !line.has("P")) {
        return "M106 needs the fan: M106 P1 S255 (P1 part, P2 auxiliary, P3 chamber, P10 second auxiliary "
               "fan)";
    }
    if (line.is('G', 28) && line.has("XYZ")) {
        return "single axes are not homed: send G28 alone";
    }
    return std::nullopt;
}

std::optional<std::string> problem_of_gcode(std::string_view lines) {
    while (!lines.empty()) {
        const auto end = std::min(lines.find_first_of("\r\n"), lines.size());
        if (auto problem = problem_of_line(read_line(lines.substr(0, end)))) {
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

std::optional<Refusal> problem_of_request(const Json& message) {
    const auto invalid = [](std::string text) { return Refusal{Code::invalid_argument, std::move(text)}; };
    if (!message.is_object()) {
        return invalid("the request is no JSON object");
    }
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
