#include "io/ftps/memory_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

namespace bambu2mqtt {

MemoryFile::MemoryFile(std::string_view content) : descriptor_(memfd_create("bambu2mqtt", MFD_CLOEXEC)) {
    while (descriptor_.valid() && !content.empty()) {
        const ssize_t count = write(descriptor_.get(), content.data(), content.size());
        if (count <= 0) {
            descriptor_.reset();
            break;
        }
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    path_ = "/proc/self/fd/" + std::to_string(descriptor_.get());
}

const std::string& MemoryFile::path() const noexcept {
    return path_;
}

} // namespace bambu2mqtt
