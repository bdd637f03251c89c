#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/printer/report.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

void sanitise(std::string_view bytes, std::string& out) {
    out.clear();
    while (!bytes.empty()) {
        const auto length = utf8_length(bytes);
        out += length == 0 ? replacement_character : bytes.substr(0, length);
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
}

bool holds(const object& from, std::string_view key) {
    element ignored;
    return from[key].get(ignored) == simdjson::SUCCESS;
}

bool succeeded(const object& body) {
    const auto result = text_member(body, "result");
    return result.size() == 7 && std::ranges::equal(result, std::string_view{"success"}, [](char a, char b) {
               return static_cast<char>(a | 0x20) == b;
           });
}

/// Full or partial: `msg` 0 is full, 1 partial; without `msg` a push_status is full (X1C over LAN), and a
/// message that is not even a push_status is treated as partial, which can do no harm.
bool is_full(const object& body, std::string_view command) {
    std::int64_t msg = 0;
    if (body["msg"].get(msg) == simdjson::SUCCESS) {
        return msg == 0;
    }
    const auto text = text_member(body, "msg");
    if (!text.empty()) {
        return text == "0";
    }
    return command == "push_status";
}

ReportKind classify_print(const object& body, std::string_view command) {
    if (command == "push_status") {
        return ReportKind::status;
    }
    if (command == "project_file") {
        return succeeded(body) ? ReportKind::project : ReportKind::reply;
    }
    if (!command.empty()) {
        return ReportKind::reply;
    }
    // An A1 mini answers commands without naming them; the result distinguishes them from states.
    constexpr std::array answer_keys{"result", "reason", "err_code", "errno"};
    const bool answers = std::ranges::any_of(answer_keys, [&](const char* key) { return holds(body, key); });
    return answers ? ReportKind::reply : ReportKind::status;
}

ReportKind classify(std::string_view space, const object& body, std::string_view command) {
    if (space == "print") {
        return classify_print(body, command);
    }
    if (space == "info") {
        return command == "get_version" && holds(body, "module") ? ReportKind::modules : ReportKind::reply;
    }
    if (space == "system") {
        // Also sent unrequested, then without a result.
        const bool done = !holds(body, "result") || succeeded(body);
        return command == "ledctrl" && done ? ReportKind::led : ReportKind::reply;
    }
    if (space == "mc_print") {
        return ReportKind::motion_log;
    }
    return ReportKind::reply;
}

} // namespace

std::string_view text_member(const object& from, std::string_view key) {
    std::string_view result;
    return from[key].get(result) == simdjson::SUCCESS ? result : std::string_view{};
}

expected<Report, Error> ReportParser::parse(std::string_view bytes) {
    Report report;
    report.bytes = bytes.size();
    element document;
    auto error = parser_.parse(bytes.data(), bytes.size(), true).get(document);
    if (error == simdjson::UTF8_ERROR) {
        sanitise(bytes, sanitised_);
        report.sanitised = true;
        error = parser_.parse(sanitised_).get(document);
    }
    if (error != simdjson::SUCCESS) {
        return failure(Problem::malformed, simdjson::error_message(error));
    }
    if (document.get(report.root) != simdjson::SUCCESS) {
        return failure(Problem::malformed, "a JSON object was expected");
    }
    if (report.root.begin() == report.root.end()) {
        report.kind = ReportKind::empty;
        return report;
    }
    constexpr std::array<std::string_view, 10> spaces{"print",  "info",    "system",   "mc_print", "xcam",
                                                      "camera", "upgrade", "security", "update",   "event"};
    for (const auto space : spaces) {
        if (report.root[space].get(report.body) == simdjson::SUCCESS) {
            report.space = space;
            report.command = text_member(report.body, "command");
            report.kind = classify(space, report.body, report.command);
            report.full = report.kind == ReportKind::status && is_full(report.body, report.command);
            return report;
        }
    }
    return report;
}

std::vector<Fragment> split_messages(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    std::vector<Fragment> fragments;
    std::size_t at = text.find_first_not_of(blanks);
    while (at != std::string_view::npos) {
        std::size_t end = at;
        std::size_t depth = 0;
        bool in_text = false;
        for (; end < text.size(); ++end) {
            const char c = text[end];
            if (in_text) {
                end += c == '\\' ? 1 : 0;
                in_text = c != '"';
                continue;
            }
            in_text = c == '"';
            if (c == '{' || c == '[') {
                ++depth;
            } else if (c == '}' || c == ']') {
                depth -= depth > 0 ? 1 : 0;
                if (depth == 0) {
                    ++end;
                    break;
                }
            } else if (depth == 0 && blanks.find(c) != std::string_view::npos) {
                break;
            }
        }
        end = std::min(end, text.size());
        fragments.push_back(Fragment{at, text.substr(at, end - at)});
        at = text.find_first_not_of(blanks, end);
    }
    return fragments;
}

} // namespace bambu2mqtt
