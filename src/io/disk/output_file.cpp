#include <bambu2mqtt/base/read_file.hpp>
#include <bambu2mqtt/io/disk/output_file.hpp>

#include <fmt/format.h>

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace bambu2mqtt {

expected<LocalFile, Error> create_output_file(const std::filesystem::path& path) {
    UniqueFd file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (file.valid()) {
        return LocalFile{std::move(file), 0, least_free};
    }
    return errno == EEXIST
               ? failure(Problem::refused, fmt::format("'{}' exists and is not overwritten", path.string()))
               : failure(Problem::unavailable,
                         fmt::format("cannot create '{}': {}", path.string(), system_error_text(errno)));
}

} // namespace bambu2mqtt
