#include "io/disk/disk.hpp"
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/io/disk/instance_files.hpp>
#include <bambu2mqtt/io/disk/state_directory.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string_view>
#include <thread>
#include <utility>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

/// The gateway writes a sign of life once a minute; after two missing ones it counts as dead.
constexpr auto health_valid_seconds = 150;

constexpr const char* lock_file_name = "gateway.lock";
constexpr std::size_t longest_problem = 1024;

constexpr const char* core_dumps_variable = "BAMBU2MQTT_CORE_DUMPS";

/// Parses the line written by InstanceFiles::write_health().
HealthFinding health_of(const std::string& line) {
    const bool up = line.starts_with('1');
    HealthFinding finding;
    std::string problem;
    if (line.size() > 2) {
        const char* const end = line.data() + line.size();
        const auto number = std::from_chars(line.data() + 2, end, finding.internal_errors);
        problem.assign(number.ptr < end ? number.ptr + 1 : end, end);
    }
    if (!problem.empty()) {
        finding.fault = up ? problem : "the broker session is down: " + problem;
    } else if (!up) {
        finding.fault = "the broker session is down";
    }
    return finding;
}

/// The lock file, created where it is missing: by root for the owner of the directory. Invalid with `errno`
/// set where it cannot be opened.
UniqueFd open_lock(const fs::path& state_directory) {
    const UniqueFd folder(open(state_directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    UniqueFd created = create_file(folder, lock_file_name, O_RDWR);
    const bool exists = !created.valid() && errno == EEXIST;
    return exists ? UniqueFd(openat(folder.get(), lock_file_name, O_RDWR | O_CLOEXEC)) : std::move(created);
}

} // namespace

void read_process(Health& health) {
    std::ifstream statm{"/proc/self/statm"};
    std::int64_t total_pages = 0;
    std::int64_t resident_pages = 0;
    if (statm >> total_pages >> resident_pages) {
        const auto bytes = static_cast<double>(resident_pages * sysconf(_SC_PAGESIZE));
        health.resident_memory_mb = std::round(bytes / 1e5) / 10;
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

Signals::Signals() {
    sigemptyset(&signals_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&signals_, signal);
    }
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

int Signals::wait() const {
    int signal = 0;
    while (sigwait(&signals_, &signal) != 0) {
    }
    return signal;
}

std::string Signals::wait_for(std::chrono::milliseconds time) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const timespec limit{.tv_sec = seconds.count(),
                         .tv_nsec = std::chrono::nanoseconds{time - seconds}.count()};
    const int signal = sigtimedwait(&signals_, nullptr, &limit);
    return signal > 0 ? signal_name(signal) : std::string{};
}

std::string signal_name(int signal) {
    const char* const name = sigabbrev_np(signal);
    return name != nullptr ? fmt::format("SIG{}", name) : std::to_string(signal);
}

expected<InstanceFiles, Error> InstanceFiles::take(const fs::path& state_directory) {
    if (const auto why = why_not_writable(state_directory); !why.empty()) { // also if the lock file exists
        return failure(Problem::unavailable, "state_directory: " + why);
    }
    const auto unusable = [&](std::string_view why) {
        return failure(Problem::unavailable,
                       fmt::format("state_directory: {}; {}", why, writable_folder_advice(state_directory)));
    };
    if (const auto made = make_folders(state_directory); !made) {
        return unusable(made.error().detail);
    }
    UniqueFd lock = open_lock(state_directory);
    if (!lock.valid()) {
        return unusable(
            fmt::format("'{}' cannot be written: {}", state_directory.string(), std::strerror(errno)));
    }
    // The command health takes the lock for a moment, to check whether it is free.
    bool taken = false;
    for (int attempt = 0; attempt < 10 && !taken; ++attempt) {
        if (attempt > 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
        taken = flock(lock.get(), LOCK_EX | LOCK_NB) == 0;
    }
    if (!taken) {
        return failure(Problem::refused,
                       fmt::format("state_directory: '{}' is in use by another gateway; each needs its own",
                                   state_directory.string()));
    }
    InstanceFiles instance_files(std::move(lock));
    instance_files.write_health({});
    return instance_files;
}

InstanceFiles::InstanceFiles(UniqueFd lock) : lock_(std::move(lock)) {}

InstanceFiles::~InstanceFiles() {
    if (lock_.valid()) {
        write_health({});
    }
}

/// "1" or "0", then the number of errors, then the problem: "1 0 \n". One write, so that a reader sees all of
/// it or nothing.
void InstanceFiles::write_health(const WellBeing& how) const {
    const auto problem = printable(how.broker_problem, longest_problem, {.ellipsis = false});
    const auto text = fmt::format("{} {} {}\n", how.broker_up ? 1 : 0, how.internal_errors, problem);
    if (pwrite(lock_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size())) {
        if (ftruncate(lock_.get(), static_cast<off_t>(text.size())) == 0) {
            futimens(lock_.get(), nullptr);
        }
    }
}

HealthFinding check_instance(const fs::path& state_directory) {
    const auto file = state_directory / lock_file_name;
    const UniqueFd descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor.valid()) {
        return {.fault = fmt::format("no gateway has run with '{}'", state_directory.string())};
    }
    const bool running = flock(descriptor.get(), LOCK_SH | LOCK_NB) != 0;
    std::string text(2 * longest_problem, '\0');
    const auto size = pread(descriptor.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));

    struct stat status {};

    const bool recent =
        fstat(descriptor.get(), &status) == 0 && std::time(nullptr) - status.st_mtime <= health_valid_seconds;
    if (!running) {
        return {.fault = "the gateway is not running"};
    }
    if (!recent) {
        return {.fault = "the gateway does not respond", .running = true};
    }
    auto finding = health_of(text.substr(0, text.find('\n')));
    finding.running = true;
    return finding;
}

} // namespace bambu2mqtt
