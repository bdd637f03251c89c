// The files on the printer.
#include "command/print.hpp"
#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/base64.hpp>
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/file/local_path.hpp>
#include <bambu2mqtt/file/path.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using namespace plan;
using namespace std::chrono_literals;

/// A path argument on the printer, in canonical form.
expected<std::string, Refusal> path_in(const Json& arguments, std::string_view name) {
    auto path = printer_path(text(arguments, name));
    if (!path) {
        return refuse(Code::invalid_argument, fmt::format("{}: {}", name, path.error().detail));
    }
    return std::move(path).value();
}

/// The same for files: "/" is refused.
expected<std::string, Refusal> file_in(const Json& arguments, std::string_view name) {
    auto path = path_in(arguments, name);
    if (path && *path == "/") {
        return refuse(Code::invalid_argument, fmt::format("{} is \"/\", expected the path of a file", name));
    }
    return path;
}

Plan file_plan(FileJob job) {
    Plan plan;
    plan.work = FeatureWork{files_feature, std::move(job)};
    return plan;
}

/// The last part of a path.
std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

/// True if the running job is printed from this file. Reports name it in several places, by its path or only
/// its name. The file systems of printers ignore the case of letters.
bool is_being_printed(const ReportState& report, std::string_view path) {
    if (!is_active(job_state(report))) {
        return false;
    }
    for (const char* const key : {"gcode_file", "file", "subtask_name"}) {
        const auto name = base_name(read::text(report.find(key)).value_or(""));
        const auto file = base_name(path);
        const bool same = !name.empty() && starts_in_any_case(file, name) &&
                          (file.size() == name.size() || file.substr(name.size()).starts_with('.'));
        if (same) {
            return true;
        }
    }
    return false;
}

/// True if the running job is printed from a file below this folder, as far as reports contain its folder.
bool holds_printed_file(const ReportState& report, const std::string& folder) {
    const auto is_below = [&](const char* key) {
        return starts_in_any_case(read::text(report.find(key)).value_or(""), folder + "/");
    };
    return is_active(job_state(report)) && (is_below("gcode_file") || is_below("file"));
}

template <bool only_3mf>
Planned list(const Situation&, const Json& arguments) {
    auto path = path_in(arguments, "path");
    if (!path) {
        return unexpected(std::move(path).error());
    }
    return file_plan(ListFiles{.path = *std::move(path), .only_3mf = only_3mf});
}

Planned exists(const Situation&, const Json& arguments) {
    auto path = file_in(arguments, "path");
    if (!path) {
        return unexpected(std::move(path).error());
    }
    return file_plan(FileExists{*std::move(path)});
}

bool is_web_address(std::string_view url) {
    return starts_in_any_case(url, "http://") || starts_in_any_case(url, "https://");
}

/// Refuses a local path outside files.directory, before anything is opened.
expected<void, Refusal> check_local(const Situation& situation, const std::string& local) {
    const auto below = path_below(situation.policy.files_directory, local);
    if (!below && below.error().problem == Problem::refused) {
        return refuse(Code::not_allowed, below.error().detail);
    }
    return {};
}

/// Exactly one of src, url and content.
expected<UploadSource, Refusal> source_of(const Situation& situation, const Json& arguments) {
    const auto src = optional_text(arguments, "src");
    const auto url = optional_text(arguments, "url");
    const auto content = optional_text(arguments, "content");
    if ((src ? 1 : 0) + (url ? 1 : 0) + (content ? 1 : 0) != 1) {
        return refuse(Code::invalid_argument, "exactly one of src, url and content is expected");
    }
    if (src) {
        if (auto checked = check_local(situation, *src); !checked) {
            return unexpected(std::move(checked).error());
        }
        return UploadSource{LocalSource{*src}};
    }
    if (url && !is_web_address(*url)) {
        return refuse(Code::invalid_argument,
                      fmt::format("url is \"{}\", expected http:// or https://", sanitize_for_log(*url)));
    }
    if (url) {
        return UploadSource{UrlSource{*url}};
    }
    auto bytes = from_base64(*content);
    if (!bytes) {
        return refuse(Code::invalid_argument, "content is not valid base64");
    }
    if (bytes->size() > situation.policy.inline_limit) {
        return refuse(Code::invalid_argument,
                      fmt::format("content has {} bytes, at most {} are expected (files.inline_limit)",
                                  bytes->size(), situation.policy.inline_limit));
    }
    return UploadSource{InlineSource{*std::move(bytes)}};
}

/// A destination ending in "/" is a folder: the file keeps its name.
std::string destination(const Json& arguments) {
    std::string dest = text(arguments, "dest");
    if (!dest.ends_with('/')) {
        return dest;
    }
    auto source = optional_text(arguments, "src").value_or(optional_text(arguments, "url").value_or(""));
    source.resize(std::min(source.find_first_of("?#"), source.size()));
    return dest += base_name(source);
}

/// The arguments of the print after an upload; nothing without one.
expected<Json, Refusal> print_after(const Json& arguments, const std::string& path) {
    if (!arguments.contains("print")) {
        return Json();
    }
    auto checked = check_arguments(print_arguments_without_name(), arguments["print"]);
    if (!checked) {
        return refuse(checked.error().code, "print: " + checked.error().message);
    }
    auto wanted = *std::move(checked);
    wanted["name"] = path;
    return wanted;
}

Planned upload(const Situation& situation, const Json& arguments) {
    const auto path = printer_path(destination(arguments));
    if (!path) {
        return refuse(Code::invalid_argument, fmt::format("dest: {}", path.error().detail));
    }
    if (*path == "/" || destination(arguments).ends_with('/')) {
        return refuse(Code::invalid_argument, fmt::format("dest is \"{}\", expected the path of a file",
                                                          sanitize_for_log(text(arguments, "dest"))));
    }
    auto source = source_of(situation, arguments);
    if (!source) {
        return unexpected(std::move(source).error());
    }
    const auto print = print_after(arguments, *path);
    if (!print) {
        return unexpected(print.error());
    }
    if (is_being_printed(situation.report, *path)) {
        return refuse(Code::conflict, "dest is being printed");
    }
    UploadFile job{.source = *std::move(source), .dest = *path};
    const auto& print_arguments = *print;
    if (print_arguments.is_null()) {
        return file_plan(std::move(job));
    }
    if (auto checked = check_job_state(When::can_start, situation.report); !checked) {
        return unexpected(std::move(checked).error());
    }
    auto request = print_request(situation, print_arguments);
    if (!request) {
        return unexpected(std::move(request).error());
    }
    job.plate = static_cast<int>(integer(print_arguments, "plate"));
    Plan plan = file_plan(std::move(job));
    plan.requests.push_back(*std::move(request));
    plan.note = print_note(situation, print_arguments);
    return plan;
}

bool upload_prints(const Situation& situation, const Json& arguments) {
    const auto path = printer_path(destination(arguments));
    return path && print_has_begun(situation, Json{{"name", *path}});
}

Planned download(const Situation& situation, const Json& arguments) {
    auto path = file_in(arguments, "src");
    if (!path) {
        return unexpected(std::move(path).error());
    }
    auto dest = optional_text(arguments, "dest");
    if (dest) {
        if (auto checked = check_local(situation, *dest); !checked) {
            return unexpected(std::move(checked).error());
        }
    }
    if (dest && flag(arguments, "inline")) {
        return refuse(Code::invalid_argument, "one of dest and inline is expected");
    }
    return file_plan(DownloadFile{*std::move(path), std::move(dest)});
}

Planned delete_file(const Situation& situation, const Json& arguments) {
    auto path = file_in(arguments, "file");
    if (!path) {
        return unexpected(std::move(path).error());
    }
    if (is_being_printed(situation.report, *path)) {
        return refuse(Code::conflict, "file is being printed");
    }
    return file_plan(DeleteFile{*std::move(path)});
}

Planned delete_folder(const Situation& situation, const Json& arguments) {
    auto path = path_in(arguments, "path");
    if (!path) {
        return unexpected(std::move(path).error());
    }
    if (is_printers_own(*path)) {
        return refuse(Code::not_allowed, "path is one of the printer's own folders");
    }
    if (holds_printed_file(situation.report, *path)) {
        return refuse(Code::conflict, "a file in path is being printed");
    }
    return file_plan(DeleteFolder{*std::move(path)});
}

Planned make_folder(const Situation&, const Json& arguments) {
    auto path = path_in(arguments, "dir");
    if (!path) {
        return unexpected(std::move(path).error());
    }
    return file_plan(MakeFolder{*std::move(path)});
}

Planned rename_file(const Situation& situation, const Json& arguments) {
    auto from = path_in(arguments, "src");
    auto to = file_in(arguments, "dest");
    if (!from) {
        return unexpected(std::move(from).error());
    }
    if (!to) {
        return unexpected(std::move(to).error());
    }
    if (is_printers_own(*from)) {
        return refuse(Code::not_allowed, "src is one of the printer's own folders");
    }
    if (is_being_printed(situation.report, *from) || holds_printed_file(situation.report, *from)) {
        return refuse(Code::conflict, "src is being printed");
    }
    if (is_being_printed(situation.report, *to)) {
        return refuse(Code::conflict, "dest is being printed");
    }
    return file_plan(RenameFile{*std::move(from), *std::move(to)});
}

Handled cancel(CommandContext& context) {
    return context.session.run_feature({files_feature, CancelTransfer{}}, context.ticket);
}

// clang-format off
constexpr std::size_t longest_path = 512;
constexpr std::size_t longest_content = 200UL * 1024 * 1024; // files.inline_limit applies

constexpr Argument path_argument{.name = "path", .required = true, .shortest = 1, .longest = longest_path, .meaning = "path on the printer"};

constexpr std::array list_arguments{
    Argument{.name = "path", .fallback = R"("/")", .longest = longest_path, .meaning = "folder on the printer"},
};
constexpr std::array exists_arguments{path_argument};
constexpr std::array upload_arguments{
    Argument{.name = "src", .shortest = 1, .longest = longest_path, .meaning = "file below files.directory"},
    Argument{.name = "url", .shortest = 1, .longest = 2048, .meaning = "http:// or https:// address of the file, where files.allow_urls is set"},
    Argument{.name = "content", .kind = Kind::lines, .longest = longest_content, .meaning = "the file itself in base64, up to files.inline_limit"},
    Argument{.name = "dest", .required = true, .shortest = 1, .longest = longest_path, .meaning = "path on the printer; with a trailing slash the folder, in which the file keeps its name"},
    Argument{.name = "print", .kind = Kind::object, .meaning = "arguments of print_3mf_file except name: print the file after the upload"},
};
constexpr std::array download_arguments{
    Argument{.name = "src", .required = true, .shortest = 1, .longest = longest_path, .meaning = "path on the printer"},
    Argument{.name = "dest", .shortest = 1, .longest = longest_path, .meaning = "file below files.directory; left out: data has the content in base64"},
    Argument{.name = "inline", .kind = Kind::boolean, .meaning = "instead of dest, to get the content in data"},
};
constexpr std::array delete_file_arguments{
    Argument{.name = "file", .required = true, .shortest = 1, .longest = longest_path, .meaning = "path on the printer"},
};
constexpr std::array delete_folder_arguments{path_argument};
constexpr std::array make_folder_arguments{
    Argument{.name = "dir", .required = true, .shortest = 1, .longest = longest_path, .meaning = "path on the printer"},
};
constexpr std::array rename_arguments{
    Argument{.name = "src", .required = true, .shortest = 1, .longest = longest_path, .meaning = "path on the printer"},
    Argument{.name = "dest", .required = true, .shortest = 1, .longest = longest_path, .meaning = "its new path"},
};

constexpr std::array files_rows_table{
    Command{.name = "get_sdcard_contents", .summary = "Lists the files on the printer as a tree", .arguments = list_arguments, .safe = true, .plan = list<false>},
    Command{.name = "get_sdcard_3mf_files", .summary = "Lists the .3mf files on the printer as a tree", .arguments = list_arguments, .safe = true, .plan = list<true>},
    Command{.name = "sdcard_file_exists", .summary = "Checks whether a file is on the printer", .arguments = exists_arguments, .safe = true, .plan = exists},
    Command{.name = "upload_sdcard_file", .summary = "Uploads a file to the printer, and prints it if requested", .arguments = upload_arguments, .plan = upload, .confirmed = upload_prints, .shown_by = "print_status, task_name", .within = 180s},
    Command{.name = "download_sdcard_file", .summary = "Downloads a file from the printer", .arguments = download_arguments, .safe = true, .plan = download},
    Command{.name = "delete_sdcard_file", .summary = "Deletes a file on the printer", .arguments = delete_file_arguments, .plan = delete_file},
    Command{.name = "delete_sdcard_folder", .summary = "Deletes a folder on the printer with everything in it", .arguments = delete_folder_arguments, .plan = delete_folder},
    Command{.name = "make_sdcard_directory", .summary = "Creates a folder on the printer, with its parent folders", .arguments = make_folder_arguments, .plan = make_folder},
    Command{.name = "rename_sdcard_file", .summary = "Renames or moves a file or folder on the printer", .arguments = rename_arguments, .plan = rename_file},
    Command{.name = "cancel_transfer", .summary = "Cancels the running transfer and removes its partial file", .safe = true, .plan = nothing, .run = cancel},
};
// clang-format on

} // namespace

std::span<const Command> file_commands() {
    return files_rows_table;
}

} // namespace bambu2mqtt
