// The lines of a recording: each message of the printer with the time of its arrival. Pure.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Arrival of a message, in UTC.
using RecordedTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// The member with the time in each line, before the message's own ones: decode and other readers of report
/// files ignore it.
inline constexpr std::string_view recorded_time_key = "at";

/// The member of the first line, which describes the recording.
inline constexpr std::string_view recording_key = "recording";

/// What the first line says.
struct RecordingHeader {
    std::string program{}; ///< name and version
    std::string serial{};  ///< of the printer, or its stand-in
    std::string model{};   ///< its name
    bool scrubbed = true;
};

/// A message of the printer; null where the text is not JSON, or too large or deep. Bytes that are not UTF-8
/// become U+FFFD.
[[nodiscard]] OrderedJson parse_recordable(std::string_view payload);

/// The line of a message, without its end. For null it says that a message of `bytes` bytes was unreadable.
[[nodiscard]] std::string recorded_line(const OrderedJson& message, RecordedTime time, std::size_t bytes);

[[nodiscard]] std::string recorded_header(const RecordingHeader& header, RecordedTime time);

/// "2026-01-31T18:00:00.125Z".
[[nodiscard]] std::string recorded_time_text(RecordedTime time);

/// The time of a line; nothing where there is none or it is invalid.
[[nodiscard]] std::optional<RecordedTime> recorded_time(std::string_view line);

} // namespace bambu2mqtt
