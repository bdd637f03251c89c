// What the operating system says of this process, and what is asked of it at the start.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/unique_fd.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>

namespace bambu2mqtt {

/// Memory, open files and their limit; the rest of Health is left as it is.
void read_process(Health& health);

/// Raises the soft limit of open files to the hard one: every printer needs one, and a thousand is a real
/// case.
void raise_open_files();

/// A core dump would hold the secrets: none is written from now on, and other processes of the same user may
/// look neither at this one's memory nor at its environment. The environment variable BAMBU2MQTT_CORE_DUMPS=1
/// leaves all that as it is, for debuggers.
void forbid_core_dumps();

/// Blocks SIGTERM, SIGINT and SIGHUP for all threads that are made later; wait() returns the one that came.
class StopSignals {
  public:
    StopSignals();

    /// Waits for a signal; gives its name.
    [[nodiscard]] std::string wait() const;

  private:
    sigset_t signals_{};
};

/// What a running gateway says of itself to the command `health`.
struct WellBeing {
    bool broker_up = false;
    std::string broker_problem{}; ///< why sessions with the broker do not last, for people; empty: they do
    std::uint64_t internal_errors = 0; ///< since its start
};

/// What the command `health` finds.
struct HealthFinding {
    std::string fault{}; ///< empty when all is well, else why not
    std::uint64_t internal_errors = 0;
};

/// Says that a gateway with this state directory is running, and whether its broker session is up; one at a
/// time. Held by a lock that the system gives back however the process ends.
class InstanceFiles {
  public:
    /// Fails as `refused` while another process holds it, as `unavailable` when the directory cannot be made
    /// or written.
    [[nodiscard]] static expected<InstanceFiles, Error> take(const std::filesystem::path& state_directory);

    InstanceFiles(InstanceFiles&&) noexcept = default;
    InstanceFiles& operator=(InstanceFiles&&) = delete;
    /// Writes that no gateway is running any more, and gives the lock back.
    ~InstanceFiles();

    /// Tells how the gateway is, and that it still turns.
    void write_health(const WellBeing& how) const;

  private:
    explicit InstanceFiles(UniqueFd lock);

    UniqueFd lock_; ///< of the file that write_health() writes
};

/// What can be found out of a gateway that runs with this state directory.
[[nodiscard]] HealthFinding check_instance(const std::filesystem::path& state_directory);

} // namespace bambu2mqtt
