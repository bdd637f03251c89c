#include <bambu2mqtt/file/plates.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

namespace {

// The parts of an archive (PKWARE's APPNOTE, 4.3): each begins with its signature, numbers are little-endian.
constexpr std::string_view entry_signature = "PK\x01\x02";
constexpr std::string_view end_signature = "PK\x05\x06";
constexpr std::string_view end_64_signature = "PK\x06\x06";
constexpr std::string_view locator_64_signature = "PK\x06\x07";
constexpr std::size_t entry_size = 46;
constexpr std::size_t end_size = 22;
constexpr std::size_t end_64_size = 56;
constexpr std::size_t locator_64_size = 20;
constexpr std::size_t longest_comment = 0xFFFF;

constexpr std::uint64_t most_entries = 1'000'000;
constexpr std::size_t longest_wanted_name = 32;

[[nodiscard]] std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < width; ++i) {
        number |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8U * i);
    }
    return number;
}

[[nodiscard]] unexpected<Error> malformed(std::string what) {
    return failure(Problem::malformed, std::move(what));
}

[[nodiscard]] unexpected<Error> unreadable() {
    return failure(Problem::unavailable, "the file cannot be read");
}

[[nodiscard]] expected<std::string, Error> read(const Archive& archive, std::uint64_t offset,
                                                std::size_t count) {
    std::string bytes(count, '\0');
    if (offset > archive.size || count > archive.size - offset) {
        return malformed("the archive is truncated");
    }
    if (!archive.read(offset, bytes)) {
        return unreadable();
    }
    return bytes;
}

/// Position of the directory.
struct Directory {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t entries = 0;
};

/// The same in 64 bits, if the end record has overflow markers; it precedes that record.
[[nodiscard]] expected<Directory, Error> find_directory_64(const Archive& archive, std::uint64_t end_offset) {
    if (end_offset < locator_64_size) {
        return malformed("the archive is truncated");
    }
    const auto locator = read(archive, end_offset - locator_64_size, locator_64_size);
    if (!locator) {
        return unexpected(locator.error());
    }
    if (!locator->starts_with(locator_64_signature)) {
        return malformed("the archive has no directory");
    }
    const auto end = read(archive, number_at(*locator, 8, 8), end_64_size);
    if (!end) {
        return unexpected(end.error());
    }
    if (!end->starts_with(end_64_signature)) {
        return malformed("the archive has no directory");
    }
    return Directory{
        .offset = number_at(*end, 48, 8), .size = number_at(*end, 40, 8), .entries = number_at(*end, 32, 8)};
}

/// The end record is the last part of the file, except for a comment.
[[nodiscard]] expected<Directory, Error> find_directory(const Archive& archive) {
    const auto tail_size = std::min<std::uint64_t>(archive.size, end_size + longest_comment);
    const auto tail = read(archive, archive.size - tail_size, static_cast<std::size_t>(tail_size));
    if (!tail) {
        return unexpected(tail.error());
    }
    const auto at =
        tail->size() < end_size ? std::string::npos : tail->rfind(end_signature, tail->size() - end_size);
    if (at == std::string::npos) {
        return malformed("no ZIP archive");
    }
    const Directory directory{.offset = number_at(*tail, at + 16, 4),
                              .size = number_at(*tail, at + 12, 4),
                              .entries = number_at(*tail, at + 10, 2)};
    if (directory.offset == 0xFFFFFFFF || directory.size == 0xFFFFFFFF || directory.entries == 0xFFFF) {
        return find_directory_64(archive, archive.size - tail_size + at);
    }
    return directory;
}

/// The number in "Metadata/plate_N.gcode"; nothing for other names.
[[nodiscard]] std::optional<int> plate_of(std::string_view name) {
    constexpr std::string_view before = "Metadata/plate_";
    constexpr std::string_view after = ".gcode";
    if (!name.starts_with(before) || !name.ends_with(after) || name.size() <= before.size() + after.size()) {
        return std::nullopt;
    }
    const auto digits = name.substr(before.size(), name.size() - before.size() - after.size());
    int number = 0;
    const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = error == std::errc{} && stopped == digits.data() + digits.size();
    return whole && number >= 1 && number <= 999 ? std::optional(number) : std::nullopt;
}

/// Reads a file in pieces, from an offset on.
class Window {
  public:
    Window(const Archive& archive, std::uint64_t offset) : archive_(archive), next_(offset) {}

    /// The next `count` bytes without consuming them; fails beyond the end of the file.
    [[nodiscard]] expected<std::string_view, Error> peek(std::size_t count) {
        if (have_ - used_ < count) {
            if (auto filled = fill(count); !filled) {
                return unexpected(std::move(filled).error());
            }
        }
        return std::string_view(buffer_.data() + used_, count);
    }

    void skip(std::uint64_t count) {
        const auto here = std::min<std::uint64_t>(count, have_ - used_);
        used_ += static_cast<std::size_t>(here);
        next_ += count - here;
    }

  private:
    [[nodiscard]] expected<void, Error> fill(std::size_t wanted) {
        next_ -= have_ - used_;
        const auto left = next_ < archive_.size ? archive_.size - next_ : 0;
        if (left < wanted) {
            return malformed("the archive is truncated");
        }
        have_ = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size()));
        used_ = 0;
        if (!archive_.read(next_, std::span(buffer_).first(have_))) {
            have_ = 0;
            return unreadable();
        }
        next_ += have_;
        return {};
    }

    const Archive& archive_;
    std::uint64_t next_; // in the file: position after the buffer
    std::vector<char> buffer_ = std::vector<char>(16 * 1024);
    std::size_t have_ = 0; // bytes in the buffer
    std::size_t used_ = 0; // consumed bytes of those
};

[[nodiscard]] std::string list_of(const std::set<int>& plates) {
    return fmt::format("{}", fmt::join(plates, ", "));
}

} // namespace

expected<std::set<int>, Error> plates_of(const Archive& archive) {
    const auto directory = find_directory(archive);
    if (!directory) {
        return unexpected(directory.error());
    }
    if (directory->entries > most_entries) {
        return failure(Problem::out_of_range,
                       fmt::format("the archive has {} entries, at most {} are expected", directory->entries,
                                   most_entries));
    }
    std::set<int> plates;
    Window window(archive, directory->offset);
    for (std::uint64_t entry = 0; entry < directory->entries; ++entry) {
        const auto fixed = window.peek(entry_size);
        if (!fixed) {
            return unexpected(fixed.error());
        }
        if (!fixed->starts_with(entry_signature)) {
            return malformed("the archive's directory is broken");
        }
        const auto name_size = static_cast<std::size_t>(number_at(*fixed, 28, 2));
        const auto rest = number_at(*fixed, 30, 2) + number_at(*fixed, 32, 2);
        window.skip(entry_size);
        if (name_size <= longest_wanted_name) {
            const auto name = window.peek(name_size);
            if (!name) {
                return unexpected(name.error());
            }
            if (const auto plate = plate_of(*name)) {
                plates.insert(*plate);
            }
        }
        window.skip(name_size + rest);
    }
    return plates;
}

expected<void, Refusal> check_plate(const Archive& archive, int plate) {
    const auto plates = plates_of(archive);
    if (!plates) {
        return refuse(Code::invalid_argument, "the file is not a 3mf: " + plates.error().detail);
    }
    if (plates->contains(plate)) {
        return {};
    }
    if (plates->empty()) {
        return refuse(Code::not_found, "the file has no sliced plate: slice it and export the sliced file");
    }
    return refuse(Code::not_found,
                  fmt::format("the file has no plate {}, it has {}", plate, list_of(*plates)));
}

} // namespace bambu2mqtt
