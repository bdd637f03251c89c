#pragma once
// Counting the instructions of a running program with valgrind's callgrind.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace bambu2mqtt::compare {

/// What a program is started with; counts are written to `file` with a number appended.
[[nodiscard]] std::vector<std::string> callgrind_arguments(const std::filesystem::path& file);

/// Sets the counts of the process to zero.
void callgrind_zero(pid_t process);

/// Writes them.
void callgrind_dump(pid_t process);

/// Instructions between the two, of all threads. Throws std::runtime_error if nothing was written.
[[nodiscard]] double callgrind_count(const std::filesystem::path& file);

} // namespace bambu2mqtt::compare
