// Plates of sliced archives, and broken, unusual or hostile archives.
#include <bambu2mqtt/file/plates.hpp>

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace bambu2mqtt {

namespace {

[[nodiscard]] std::string little_endian(std::uint64_t number, std::size_t width) {
    std::string bytes;
    for (std::size_t i = 0; i < width; ++i) {
        bytes += static_cast<char>(number >> (8 * i) & 0xFF);
    }
    return bytes;
}

/// A directory entry with this name, of a file that would be huge when unpacked.
[[nodiscard]] std::string entry(const std::string& name, const std::string& extra = {}) {
    return "PK\x01\x02" + std::string(16, '\0') + little_endian(1000, 4) + little_endian(0xFFFFFFFE, 4) +
           little_endian(name.size(), 2) + little_endian(extra.size(), 2) + little_endian(0, 2) +
           std::string(12, '\0') + name + extra;
}

struct Parts {
    std::string data = "stored content";
    std::string directory{};
    std::uint64_t entries = 0;
    std::string comment{};
};

[[nodiscard]] Parts parts_of(const std::vector<std::string>& names) {
    Parts parts;
    for (const auto& name : names) {
        parts.directory += entry(name);
        ++parts.entries;
    }
    return parts;
}

[[nodiscard]] std::string zip_of(const Parts& parts) {
    return parts.data + parts.directory + "PK\x05\x06" + std::string(4, '\0') +
           little_endian(parts.entries, 2) + little_endian(parts.entries, 2) +
           little_endian(parts.directory.size(), 4) + little_endian(parts.data.size(), 4) +
           little_endian(parts.comment.size(), 2) + parts.comment;
}

/// With the directory's position in the Zip64 record only.
[[nodiscard]] std::string zip_64_of(const Parts& parts) {
    const auto end_64 = parts.data.size() + parts.directory.size();
    return parts.data + parts.directory + "PK\x06\x06" + std::string(20, '\0') +
           little_endian(parts.entries, 8) + little_endian(parts.entries, 8) +
           little_endian(parts.directory.size(), 8) + little_endian(parts.data.size(), 8) + "PK\x06\x07" +
           std::string(4, '\0') + little_endian(end_64, 8) + little_endian(1, 4) + "PK\x05\x06" +
           std::string(4, '\0') + little_endian(0xFFFF, 2) + little_endian(0xFFFF, 2) +
           little_endian(0xFFFFFFFF, 4) + little_endian(0xFFFFFFFF, 4) + little_endian(0, 2);
}

[[nodiscard]] Archive archive_of(const std::string& bytes) {
    return {.size = bytes.size(), .read = [&bytes](std::uint64_t offset, std::span<char> into) {
                if (offset > bytes.size() || into.size() > bytes.size() - offset) {
                    return false;
                }
                bytes.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
                return true;
            }};
}

using Plates = std::set<int>;

[[nodiscard]] Plates plates(const std::string& bytes) {
    const auto result = plates_of(archive_of(bytes));
    return result ? *result : Plates{-1};
}

[[nodiscard]] std::string why_not(const std::string& bytes, int plate) {
    const auto checked = check_plate(archive_of(bytes), plate);
    return checked ? "" : std::string(name_of(checked.error().code)) + ": " + checked.error().message;
}

const std::vector<std::string> sliced{"[Content_Types].xml",     "_rels/.rels",
                                      "3D/3dmodel.model",        "Metadata/plate_1.json",
                                      "Metadata/plate_1.png",    "Metadata/plate_1.gcode",
                                      "Metadata/plate_3.gcode",  "Metadata/plate_1.gcode.md5",
                                      "Metadata/plate_12.gcode", "Metadata/slice_info.config"};

} // namespace

TEST_CASE("the plates of a sliced file are those that have G-code") {
    CHECK(plates(zip_of(parts_of(sliced))) == Plates{1, 3, 12});
    CHECK(why_not(zip_of(parts_of(sliced)), 3) == "");
    CHECK(why_not(zip_of(parts_of(sliced)), 2) == "not_found: the file has no plate 2, it has 1, 3, 12");
}

TEST_CASE("a project that was not sliced has no plate") {
    const auto project = zip_of(parts_of({"3D/3dmodel.model", "Metadata/plate_1.png"}));
    CHECK(plates(project).empty());
    CHECK(why_not(project, 1).starts_with("not_found: the file has no sliced plate"));
}

TEST_CASE("similar file names are not plates") {
    CHECK(plates(zip_of(parts_of(
                     {"Metadata/plate_.gcode", "Metadata/plate_0.gcode", "Metadata/plate_-1.gcode",
                      "Metadata/plate_+1.gcode", "Metadata/plate_1a.gcode", "Metadata/plate_1000.gcode",
                      "x/Metadata/plate_1.gcode", "metadata/plate_1.gcode", "Metadata/plate_1.gcode/",
                      "Metadata/plate_99999999999.gcode", "Metadata/plate_1.gcode.gcode"})))
              .empty());
}

TEST_CASE("archives with a comment, with extra fields, and large ones are read") {
    auto parts = parts_of(sliced);
    parts.comment = std::string(65535, 'c');
    CHECK(plates(zip_of(parts)) == Plates{1, 3, 12});
    parts.comment = "PK\x05\x06 is not the end";
    CHECK(plates(zip_of(parts)) == Plates{1, 3, 12});
    Parts extra;
    for (int i = 0; i < 500; ++i) { // many times the size of one read
        extra.directory +=
            entry("Metadata/plate_" + std::to_string(i % 7 + 1) + ".gcode", std::string(999, 'x'));
        ++extra.entries;
    }
    CHECK(plates(zip_of(extra)).size() == 7);
    CHECK(plates(zip_64_of(parts_of(sliced))) == Plates{1, 3, 12});
}

TEST_CASE("a file that is not an archive is not a 3mf") {
    for (const auto& bytes :
         {std::string(), std::string("x"), std::string(100'000, 'x'), std::string(1000, '\0'),
          std::string("G28\nG1 X10\n"), std::string("PK\x05\x06")}) {
        CHECK(why_not(bytes, 1) == "invalid_argument: the file is not a 3mf: no ZIP archive");
    }
}

TEST_CASE("an archive truncated at its beginning or end is detected") {
    const auto whole = zip_of(parts_of(sliced));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(plates_of(archive_of(whole.substr(0, size))).has_value());
    }
    CHECK(plates(whole.substr(40)) == Plates{-1});
    CHECK(plates(zip_64_of(parts_of(sliced)).substr(40)) == Plates{-1});
}

TEST_CASE("a directory with impossible sizes allocates nothing") {
    auto parts = parts_of(sliced);
    parts.entries = 0xFFFE;
    CHECK(plates(zip_of(parts)) == Plates{-1});
    parts.entries = 5'000'000'000;
    CHECK(why_not(zip_64_of(parts), 1).find("5000000000 entries") != std::string::npos);
    auto lost = zip_of(parts_of(sliced));
    lost.replace(lost.size() - 6, 4, little_endian(0xFFFFFFF0, 4));
    CHECK(why_not(lost, 1).find("truncated") != std::string::npos);
    auto nowhere = zip_64_of(parts_of(sliced));
    nowhere.replace(nowhere.size() - 22 - 12, 8, little_endian(~std::uint64_t{0} - 3, 8));
    CHECK(why_not(nowhere, 1).find("truncated") != std::string::npos);
}

TEST_CASE("a file that cannot be read is an error, not an empty file") {
    const Archive broken{.size = 1000, .read = [](std::uint64_t, std::span<char>) { return false; }};
    CHECK(plates_of(broken).error().problem == Problem::unavailable);
}

TEST_CASE("damaged archives only ever give an error") {
    std::mt19937 random{11};
    const std::vector<std::string> wholes{zip_of(parts_of(sliced)), zip_64_of(parts_of(sliced))};
    for (int round = 0; round < 20'000; ++round) {
        auto bytes = wholes[random() % wholes.size()];
        for (auto damages = 1 + random() % 4; damages > 0; --damages) {
            bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
        }
        static_cast<void>(plates_of(archive_of(bytes)));
    }
}

} // namespace bambu2mqtt
