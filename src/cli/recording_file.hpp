// Recordings as files: checked before they are replayed, and read line by line.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/printer/model.hpp>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// Bytes of a recording that is replayed, at most.
inline constexpr std::uintmax_t largest_recording = 1'000'000'000;

/// Lines of a file, without their ends.
class RecordingLines {
  public:
    explicit RecordingLines(const std::filesystem::path& file);

    /// False at the end. A line of more than 4 MiB, or bytes that cannot be read, is a failure.
    [[nodiscard]] expected<bool, Error> next(std::string& line);

    /// The number of the line that next() gave last, from 1.
    [[nodiscard]] std::size_t number() const noexcept { return number_; }

  private:
    std::ifstream stream_;
    std::vector<char> buffer_;
    std::size_t number_ = 0;
};

/// What a recording is of.
struct RecordingFacts {
    Model model = Model::unknown; ///< as its list of modules or its first line says
};

/// Reads the whole file. The error has file, line and what was expected: for a file that is empty,
/// compressed, too large, damaged, or of another program.
[[nodiscard]] expected<RecordingFacts, Error> check_recording(const std::filesystem::path& file);

} // namespace bambu2mqtt
