#include <bambu2mqtt/app/report_files.hpp>
#include <bambu2mqtt/core/json.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <optional>
#include <ostream>

namespace bambu2mqtt {

namespace {

std::optional<std::string> read_all(const std::string& file, std::istream& input, std::ostream& diagnostics) {
    if (file == "-") {
        return std::string{std::istreambuf_iterator<char>{input}, {}};
    }
    std::ifstream stream{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    if (!stream.is_open() || stream.bad()) {
        diagnostics << fmt::format("{}: cannot be read; a file of JSON messages was expected\n", file);
        return std::nullopt;
    }
    return text;
}

/// Where in a message the JSON breaks off, and why; the reader of reports does not tell.
std::pair<std::size_t, std::string> find_fault(std::string_view message) {
    try {
        const auto parsed = Json::parse(message);
        return {0, parsed.is_object() ? "is no message of a printer" : "a JSON object was expected"};
    } catch (const Json::parse_error& error) {
        const auto at = error.byte > 0 ? error.byte - 1 : 0;
        return {at, at >= message.size() ? "the JSON text ends too early" : "no JSON from here on"};
    }
}

} // namespace

int read_reports(const std::vector<std::string>& files, std::istream& input, std::ostream& diagnostics,
                 const std::function<bool(std::string_view)>& take) {
    int exit_code = 0;
    for (const auto& file : files) {
        const auto text = read_all(file, input, diagnostics);
        if (!text) {
            exit_code = 2;
            continue;
        }
        const auto messages = split_messages(*text);
        if (messages.empty()) {
            diagnostics << fmt::format("{}: byte 0: empty; at least one JSON message was expected\n", file);
            exit_code = 2;
        }
        for (const auto& message : messages) {
            if (!take(message.text)) {
                const auto [at, fault] = find_fault(message.text);
                diagnostics << fmt::format("{}: byte {}: {}\n", file, message.offset + at, fault);
                exit_code = 2;
            }
        }
    }
    return exit_code;
}

} // namespace bambu2mqtt
