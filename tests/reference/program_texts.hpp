// Every text of the program for people, found in the sources: log lines, errors, outcomes, findings, help.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::reference {

/// The string literals of C++ source text in their order, as written; literals side by side are one. Those in
/// comments and #include lines are left out.
[[nodiscard]] std::vector<std::string> string_literals(std::string_view source);

/// The texts of at least three words below `sources`, sorted, a heading for each folder. `{}` stands for a
/// value. Names of filaments and translations are left out.
[[nodiscard]] std::string program_texts(const std::filesystem::path& sources);

} // namespace bambu2mqtt::reference
