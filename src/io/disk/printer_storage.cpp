#include "io/disk/printer_storage.hpp"

#include "io/ftps/file_ends.hpp"
#include <bambu2mqtt/file/listing.hpp>
#include <bambu2mqtt/file/path.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr int no_such_file = 550;
constexpr std::array unknown_command{500, 501, 502, 504};

[[nodiscard]] PathInfo unclear(FtpsAnswer answer) {
    return {.found = Found::unclear, .answer = std::move(answer)};
}

/// For servers without SIZE. An incomplete listing proves only the presence of its entries.
[[nodiscard]] PathInfo look_into_listing(FtpsSession& session, std::string_view path) {
    std::string rows;
    const auto name = name_in(path);
    auto answer =
        session.list(folder_of(path), rows, name.starts_with('.') ? Hidden::shown : Hidden::left_out);
    if (!answer.done()) {
        return unclear(std::move(answer));
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto listing = parse_listing(rows, now);
    const auto row = std::ranges::find(listing.rows, name, &FileRow::name);
    if (row != listing.rows.end()) {
        return {.found = row->kind == FileKind::folder ? Found::folder : Found::file, .size = row->size};
    }
    if (listing.cut || listing.dropped > 0) {
        answer.end = FtpsEnd::refused;
        answer.text = "the printer does not support SIZE, and its listing is incomplete";
        return unclear(std::move(answer));
    }
    return {.found = Found::nothing};
}

/// A name without a size is a folder if it can be entered.
[[nodiscard]] PathInfo enter(FtpsSession& session, std::string_view path) {
    auto answer = session.enter(path);
    if (answer.done()) {
        return {.found = Found::folder};
    }
    return answer.end == FtpsEnd::refused && answer.reply == no_such_file ? PathInfo{.found = Found::nothing}
                                                                          : unclear(std::move(answer));
}

} // namespace

PathInfo path_info(FtpsSession& session, std::string_view path) {
    if (path == "/") {
        return {.found = Found::folder};
    }
    auto answer = session.size(path);
    if (answer.done()) {
        return {.found = Found::file, .size = answer.size};
    }
    if (answer.end == FtpsEnd::refused && answer.reply == no_such_file) {
        return enter(session, path);
    }
    const bool no_size = answer.end == FtpsEnd::refused &&
                         std::ranges::find(unknown_command, answer.reply) != unknown_command.end();
    return no_size ? look_into_listing(session, path) : unclear(std::move(answer));
}

expected<void, FileEnd> make_folders(FtpsSession& session, std::string_view path) {
    if (path == "/") {
        return {};
    }
    auto answer = session.enter(path);
    if (answer.done()) {
        return {};
    }
    if (answer.end != FtpsEnd::refused) {
        return unexpected(end_of(answer));
    }
    if (auto made = make_folders(session, folder_of(path)); !made) {
        return made;
    }
    answer = session.make_folder(path);
    if (answer.done()) {
        return {};
    }
    if (answer.end == FtpsEnd::refused && path_info(session, path).found == Found::file) {
        return unexpected(
            file_refused(Code::conflict, fmt::format("'{}' is a file, expected a folder", path)));
    }
    return unexpected(end_of(answer));
}

Removed remove(FtpsSession& session, std::string_view path) {
    const auto answer = session.remove_file(path);
    if (answer.done()) {
        return Removed::gone;
    }
    if (answer.end != FtpsEnd::refused) {
        return Removed::unknown;
    }
    switch (path_info(session, path).found) {
    case Found::nothing:
        return Removed::was_not_there;
    case Found::unclear:
        return Removed::unknown;
    default:
        return Removed::still_there;
    }
}

} // namespace bambu2mqtt
