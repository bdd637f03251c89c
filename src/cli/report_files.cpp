#include "cli/report_files.hpp"

#include <bambu2mqtt/base/json.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
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
    std::error_code problem;
    if (std::filesystem::is_directory(file, problem)) {
        diagnostics << fmt::format("{}: is a folder; a file of JSON messages was expected\n", file);
        return std::nullopt;
    }
    std::ifstream stream{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    if (!stream.is_open() || stream.bad()) {
        diagnostics << fmt::format("{}: cannot be read; a file of JSON messages was expected\n", file);
        return std::nullopt;
    }
    return text;
}

/// Position and reason of a JSON error; the report parser does not provide them.
std::pair<std::size_t, std::string> find_fault(std::string_view message) {
    try {
        const auto parsed = Json::parse(message);
        return {0, parsed.is_object() ? "is not a printer message" : "a JSON object was expected"};
    } catch (const Json::parse_error& error) {
        const auto at = error.byte > 0 ? error.byte - 1 : 0;
        return {at, at >= message.size() ? "the JSON text is truncated" : "invalid JSON from here on"};
    }
}

constexpr int complaints_per_file = 10;

struct ReportFile {
    std::string name;
    std::string text;
};

/// A module list determines model and firmware for all other messages. Returns whether any message is a
/// printer's.
bool take_modules(const std::vector<ReportFile>& files, const TakeMessage& know) {
    ReportParser parser;
    bool recognised = false;
    for (const auto& file : files) {
        for (const auto& message : split_messages(file.text)) {
            const auto report = parser.parse(message.text);
            recognised = recognised || (report.has_value() && report->kind != ReportKind::other);
            if (report.has_value() && report->kind == ReportKind::modules) {
                (void)know(message.text);
            }
        }
    }
    return recognised;
}

/// Handles the messages of one file; returns the number of invalid ones.
int take_messages(const ReportFile& file, std::ostream& diagnostics, const TakeMessage& take) {
    const auto messages = split_messages(file.text);
    if (messages.empty()) {
        diagnostics << fmt::format("{}: byte 0: empty; at least one JSON message was expected\n", file.name);
        return 1;
    }
    int faults = 0;
    for (const auto& message : messages) {
        if (take(message.text)) {
            continue;
        }
        ++faults;
        if (faults <= complaints_per_file) {
            const auto [at, fault] = find_fault(message.text);
            diagnostics << fmt::format("{}: byte {}: {}\n", file.name, message.offset + at, fault);
        }
    }
    if (faults > complaints_per_file) {
        diagnostics << fmt::format("{}: and {} more\n", file.name, faults - complaints_per_file);
    }
    return faults;
}

} // namespace

std::string stand_in_serial(Model model) {
    const auto prefix = model == Model::unknown ? std::string_view{"000"} : traits(model).serial_prefix;
    return fmt::format("{}00A000000000", prefix);
}

int read_reports(const std::vector<std::string>& files, std::istream& input, std::ostream& diagnostics,
                 const TakeMessage& know, const TakeMessage& take) {
    int exit_code = 0;
    std::vector<ReportFile> readable;
    for (const auto& name : files) {
        if (auto text = read_all(name, input, diagnostics)) {
            readable.push_back({name, *std::move(text)});
        } else {
            exit_code = 2;
        }
    }
    const bool recognised = take_modules(readable, know);
    for (const auto& file : readable) {
        if (take_messages(file, diagnostics, take) > 0) {
            exit_code = 2;
        }
    }
    if (exit_code == 0 && !readable.empty() && !recognised) {
        diagnostics
            << "no message of a printer was recognised; messages of the report topic were expected, such as "
               R"({"print":{"command":"push_status"}})"
               "\n";
    }
    return exit_code;
}

} // namespace bambu2mqtt
