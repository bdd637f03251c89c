// One function for each kind of file job; carry_out() picks it.
#pragma once

#include <bambu2mqtt/file/job.hpp>
#include <bambu2mqtt/io/ftps/file_work.hpp>
#include <bambu2mqtt/io/ftps/ftps_session.hpp>

#include <memory>
#include <optional>
#include <string>

namespace bambu2mqtt {

[[nodiscard]] FileEnd run(const ListFiles& job, FileWork& work);
[[nodiscard]] FileEnd run(const FileExists& job, FileWork& work);
[[nodiscard]] FileEnd run(const UploadFile& job, FileWork& work);
[[nodiscard]] FileEnd run(const DownloadFile& job, FileWork& work);
[[nodiscard]] FileEnd run(const DeleteFile& job, FileWork& work);
[[nodiscard]] FileEnd run(const DeleteFolder& job, FileWork& work);
[[nodiscard]] FileEnd run(const MakeFolder& job, FileWork& work);
[[nodiscard]] FileEnd run(const RenameFile& job, FileWork& work);

/// Whether a path may be the root: a file's may not.
enum class PathFor : std::uint8_t { file, folder };

/// A path of a job in its one form, and a login; or the end of the job.
struct Begun {
    std::string path{};
    std::unique_ptr<FtpsSession> session{};
    std::optional<FileEnd> end{};
};

[[nodiscard]] Begun begin(const std::string& path, PathFor what, FileWork& work);

/// The same without a login.
[[nodiscard]] Begun check(const std::string& path, PathFor what);

/// Logs in; the end of the job when that does not work.
[[nodiscard]] std::optional<FileEnd> log_in(Begun& begun, FileWork& work);

[[nodiscard]] FileEnd no_such_file(const std::string& path);

} // namespace bambu2mqtt
