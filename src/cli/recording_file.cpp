#include "cli/recording_file.hpp"

#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/read_file.hpp>
#include <bambu2mqtt/printer/report.hpp>
#include <bambu2mqtt/recording/recorded_line.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <system_error>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_line = 4UL * 1024 * 1024;
constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr const char* expected_line =
    "expected one JSON object a line: what bambu2mqtt record writes, or messages of a printer's report topic";

unexpected<Error> recording_error(const std::filesystem::path& file, std::size_t line,
                                  std::string_view text) {
    const auto place = line > 0 ? fmt::format("{}:{}", file.string(), line) : file.string();
    return failure(Problem::malformed, fmt::format("{}: {}", place, text));
}

/// The model in the first line of a recording.
std::optional<Model> model_in_header(std::string_view line) {
    const auto json = read::json(line);
    const auto* const header = json ? read::member(&*json, recording_key) : nullptr;
    return header == nullptr ? std::nullopt : parse_model(read::text_member(*header, "model"));
}

} // namespace

RecordingLines::RecordingLines(const std::filesystem::path& file)
    : stream_(file, std::ios::binary), buffer_(longest_line) {}

expected<bool, Error> RecordingLines::next(std::string& line) {
    stream_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    const auto count = static_cast<std::size_t>(stream_.gcount());
    if (stream_.eof() && count == 0) {
        return false;
    }
    ++number_;
    if (stream_.bad() || (stream_.fail() && !stream_.eof())) {
        return failure(Problem::out_of_range, stream_.bad() ? "cannot be read" : "longer than 4 MiB");
    }
    line.assign(buffer_.data(), stream_.eof() ? count : count - 1);
    return true;
}

expected<RecordingFacts, Error> check_recording(const std::filesystem::path& file) {
    if (const auto opened = open_regular_file(file); !opened) {
        return recording_error(file, 0, opened.error().detail);
    }
    std::error_code problem;
    if (const auto size = std::filesystem::file_size(file, problem); size > largest_recording) {
        return recording_error(file, 0,
                               fmt::format("has {} bytes; at most {} are replayed", size, largest_recording));
    }
    RecordingLines lines{file};
    ReportParser parser;
    RecordingFacts facts;
    Printer printer{std::string{}, std::nullopt, Rounding::plain};
    bool recognised = false;
    for (std::string line;;) {
        const auto more = lines.next(line);
        if (!more) {
            return recording_error(file, lines.number(), more.error().detail);
        }
        if (!*more) {
            break;
        }
        if (lines.number() == 1 && line.starts_with(gzip_magic)) {
            return recording_error(file, 1, "compressed; unpack it first, for example with gunzip");
        }
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        const auto report = parser.parse(line);
        if (!report) {
            return recording_error(file, lines.number(),
                                   fmt::format("{}; {}", report.error().detail, expected_line));
        }
        recognised = recognised || report->kind != ReportKind::other;
        if (report->kind == ReportKind::modules) {
            (void)printer.take(line, parser, std::nullopt);
        } else if (lines.number() == 1) {
            facts.model = model_in_header(line).value_or(Model::unknown);
        }
    }
    if (lines.number() == 0) {
        return recording_error(file, 0, fmt::format("empty; {}", expected_line));
    }
    if (!recognised) {
        return recording_error(file, 1, fmt::format("no line is a message of a printer; {}", expected_line));
    }
    if (printer.facts().model != Model::unknown) {
        facts.model = printer.facts().model;
    }
    return facts;
}

} // namespace bambu2mqtt
