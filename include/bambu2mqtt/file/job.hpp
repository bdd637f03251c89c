// Actions on the files of a printer: jobs as values, and their results. Knows no FTP.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/status.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace bambu2mqtt {

// Paths on the printer are absolute, without "..", and without control characters; see file/path.hpp.

/// A file below files.directory; relative to it, or an absolute path inside.
struct LocalSource {
    std::string path{};
};

/// http:// or https://, fetched by the gateway.
struct UrlSource {
    std::string url{};
};

/// The content itself, decoded.
struct InlineSource {
    std::string bytes{};
};

using UploadSource = std::variant<LocalSource, UrlSource, InlineSource>;

/// Lists a folder recursively. Done: data is the tree, see file/tree.hpp.
struct ListFiles {
    std::string path = "/";
    bool only_3mf = false; ///< only .3mf files (any case) and the folders that contain them
};

/// Checks whether a file exists. Done: data {"path", "exists": true, false or null (unknown), "size"}, and
/// "folder": true if a folder has this name. Refused and failed have the same data, with null.
struct FileExists {
    std::string path{};
};

/// Uploads a file. Done: data {"path", "size"}: the printer has it completely. With `plate`, the file must be
/// a sliced .3mf with this plate; checked before the upload.
struct UploadFile {
    UploadSource source{};
    std::string dest{};
    std::optional<int> plate{};
};

/// Downloads a file. Done: data {"path", "size", "file": path below files.directory} or, without `dest`,
/// {"path", "size", "content": base64}.
struct DownloadFile {
    std::string path{};
    std::optional<std::string> dest{}; ///< below files.directory
};

/// Done: data {"path"}.
struct DeleteFile {
    std::string path{};
};

/// Deletes a folder recursively, but none of the printer's own. Done: data {"path", "deleted": how many};
/// failed or refused half way: the same with "left": remaining paths, up to 1000.
struct DeleteFolder {
    std::string path{};
};

/// Creates a folder and its parents; an existing one is not an error. Done: data {"path"}.
struct MakeFolder {
    std::string path{};
};

/// Renames or moves, never over an existing file. Done: data {"path": the new one, "from"}.
struct RenameFile {
    std::string from{};
    std::string to{};
};

using FileJob = std::variant<ListFiles, FileExists, UploadFile, DownloadFile, DeleteFile, DeleteFolder,
                             MakeFolder, RenameFile>;

/// The feature that carries file jobs out.
inline constexpr std::string_view files_feature = "files";

/// Cancels the running job. Not a job itself: it is done immediately.
struct CancelTransfer {};

/// How a job ended.
struct FileEnd {
    Status status = Status::failed; ///< done, refused or failed
    Code code = Code::none;
    std::string message{};
    OrderedJson data{};
};

} // namespace bambu2mqtt
