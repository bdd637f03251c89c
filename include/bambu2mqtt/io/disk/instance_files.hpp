// Process information from the operating system, and process settings at the start.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/unique_fd.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>

namespace bambu2mqtt {

/// Sets memory, open files and their limit; the rest of Health is unchanged.
void read_process(Health& health);

/// Raises the soft limit of open files to the hard one: every printer needs one, and a thousand printers are
/// supported.
void raise_open_files();

/// A core dump would contain the secrets: core dumps are disabled, and other processes of the same user can
/// read neither this one's memory nor its environment. The environment variable BAMBU2MQTT_CORE_DUMPS=1
/// leaves both enabled, for debuggers.
void forbid_core_dumps();

/// Blocks SIGTERM, SIGINT and SIGHUP for all threads created later; wait() returns the received one.
class Signals {
  public:
    Signals();

    /// Waits for a signal; returns it.
    [[nodiscard]] int wait() const;

    /// The same within this time, which may be zero; empty at its end.
    [[nodiscard]] std::string wait_for(std::chrono::milliseconds time) const;

  private:
    sigset_t signals_{};
};

/// "SIGTERM".
[[nodiscard]] std::string signal_name(int signal);

/// Information of a running gateway for the command `health`.
struct WellBeing {
    bool broker_up = false;
    std::string broker_problem{}; ///< why the broker session is down or what is wrong with it; empty: nothing
    std::uint64_t internal_errors = 0; ///< since the start
};

/// Result of the command `health`.
struct HealthFinding {
    std::string fault{}; ///< empty if healthy, else the reason
    std::uint64_t internal_errors = 0;
    bool running = false; ///< a gateway runs, healthy or not
};

/// Marks that a gateway with this state directory runs, and whether its broker session is up; one at a time.
/// Uses a lock that the system releases however the process ends.
class InstanceFiles {
  public:
    /// Fails as `refused` if another process holds it, as `unavailable` if the directory cannot be created or
    /// written.
    [[nodiscard]] static expected<InstanceFiles, Error> take(const std::filesystem::path& state_directory);

    InstanceFiles(InstanceFiles&&) noexcept = default;
    InstanceFiles& operator=(InstanceFiles&&) = delete;
    /// Writes that no gateway is running any more, and gives the lock back.
    ~InstanceFiles();

    /// Writes the health of the gateway, as a sign of life.
    void write_health(const WellBeing& how) const;

  private:
    explicit InstanceFiles(UniqueFd lock);

    UniqueFd lock_; ///< of the file that write_health() writes
};

/// Health of the gateway that runs with this state directory.
[[nodiscard]] HealthFinding check_instance(const std::filesystem::path& state_directory);

} // namespace bambu2mqtt
