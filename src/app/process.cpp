#include <bambu2mqtt/app/process.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string_view>
#include <thread>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

/// The gateway tells that it turns once a minute; twice missed is no longer alive.
constexpr auto presence_valid_seconds = 150;

constexpr const char* presence_file = "gateway.lock";

constexpr const char* core_dumps_variable = "BAMBU2MQTT_CORE_DUMPS";

} // namespace

void read_process(Health& health) {
    std::ifstream statm{"/proc/self/statm"};
    std::int64_t total_pages = 0;
    std::int64_t resident_pages = 0;
    if (statm >> total_pages >> resident_pages) {
        const auto bytes = static_cast<double>(resident_pages * sysconf(_SC_PAGESIZE));
        health.resident_memory_mb = static_cast<double>(static_cast<std::int64_t>(bytes / 1e5 + 0.5)) / 10;
    }
    std::error_code problem;
    health.open_files = 0;
    for (fs::directory_iterator entry{"/proc/self/fd", problem}, end; !problem && entry != end;
         entry.increment(problem)) {
        ++health.open_files;
    }
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        health.open_files_limit = static_cast<std::int64_t>(limit.rlim_cur);
    }
}

void raise_open_files() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void forbid_core_dumps() {
    const char* const allowed = std::getenv(core_dumps_variable);
    if (allowed == nullptr || std::string_view(allowed) != "1") {
        prctl(PR_SET_DUMPABLE, 0);
    }
}

StopSignals::StopSignals() {
    sigemptyset(&signals_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&signals_, signal);
    }
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

std::string StopSignals::wait() const {
    int signal = 0;
    while (sigwait(&signals_, &signal) != 0) {
    }
    const char* const name = sigabbrev_np(signal);
    return name != nullptr ? fmt::format("SIG{}", name) : std::to_string(signal);
}

std::optional<Error> Presence::take(const fs::path& state_directory, Presence& presence) {
    std::error_code problem;
    fs::create_directories(state_directory, problem);
    const auto file = state_directory / presence_file;
    presence.descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (presence.descriptor_ < 0) {
        return Error{Problem::unavailable, fmt::format("state_directory: '{}' cannot be written: {}",
                                                       state_directory.string(), std::strerror(errno))};
    }
    // The command health holds the lock for a moment, to see whether it can be had.
    bool taken = false;
    for (int attempt = 0; attempt < 10 && !taken; ++attempt) {
        if (attempt > 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
        taken = flock(presence.descriptor_, LOCK_EX | LOCK_NB) == 0;
    }
    if (!taken) {
        return Error{Problem::refused,
                     fmt::format("state_directory: '{}' is in use by another gateway; each needs its own",
                                 state_directory.string())};
    }
    presence.tell(false);
    return std::nullopt;
}

Presence::~Presence() {
    if (descriptor_ >= 0) {
        tell(false);
        close(descriptor_);
    }
}

void Presence::tell(bool broker_up) const {
    const char word = broker_up ? '1' : '0';
    if (pwrite(descriptor_, &word, 1, 0) == 1) {
        futimens(descriptor_, nullptr);
    }
}

std::string check_presence(const fs::path& state_directory) {
    const auto file = state_directory / presence_file;
    const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return fmt::format("no gateway has run with '{}'", state_directory.string());
    }
    const bool running = flock(descriptor, LOCK_SH | LOCK_NB) != 0;
    char word = '0';
    const bool up = pread(descriptor, &word, 1, 0) == 1 && word == '1';

    struct stat status {};

    const bool recent =
        fstat(descriptor, &status) == 0 && std::time(nullptr) - status.st_mtime <= presence_valid_seconds;
    close(descriptor);
    if (!running) {
        return "the gateway is not running";
    }
    if (!recent) {
        return "the gateway has stopped turning";
    }
    return up ? std::string{} : "the broker session is down";
}

} // namespace bambu2mqtt
