// One function for each kind of file job; carry_out() picks it.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/file/job.hpp>
#include <bambu2mqtt/io/ftps/file_work.hpp>
#include <bambu2mqtt/io/ftps/ftps_session.hpp>

#include <cstdint>
#include <memory>
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

/// Whether a path may be the root: not for files.
enum class PathFor : std::uint8_t { file, folder };

/// A path of a job in its one form; fails with the end of the job.
[[nodiscard]] expected<std::string, FileEnd> check_path(const std::string& path, PathFor what);

using SessionOwner = std::unique_ptr<FtpsSession>;

/// Logs in at the printer; fails with the end of the job.
[[nodiscard]] expected<SessionOwner, FileEnd> log_in(FileWork& work);

/// A checked path and a login.
struct Begun {
    std::string path{};
    SessionOwner session{};
};

/// check_path(), then log_in().
[[nodiscard]] expected<Begun, FileEnd> begin(const std::string& path, PathFor what, FileWork& work);

[[nodiscard]] FileEnd no_such_file(const std::string& path);

} // namespace bambu2mqtt
