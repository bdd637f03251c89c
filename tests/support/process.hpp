#pragma once
// One child process: started without a shell, output into a file, always ended and reaped. Independent of
// the program.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt::test_support {

/// What to start and where its output goes.
struct ProcessOptions {
    std::vector<std::string> arguments{}; ///< program (looked up in PATH) and its arguments
    std::filesystem::path output{};       ///< file for stdout, and for stderr unless `errors` is given
    std::filesystem::path errors{};       ///< file for stderr
    std::map<std::string, std::string> environment{}; ///< added to, or replacing, the parent's variables
    std::filesystem::path working_directory{};        ///< the parent's when empty
};

/// A running child. The kernel kills it when the thread that created this object ends (PR_SET_PDEATHSIG), so
/// create it on a thread that outlives it. The destructor ends it.
class Process {
  public:
    /// Starts the program with no blocked signals and no standard input. Throws std::system_error when it
    /// cannot be started (also when there is no such program).
    explicit Process(ProcessOptions options);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Its process id, also after it has ended.
    [[nodiscard]] pid_t pid() const { return pid_; }

    /// Whether it still runs (a stopped process counts as running).
    [[nodiscard]] bool running();

    /// Waits until it ends by itself. Exit code, or 128 plus the signal that ended it; nothing at the
    /// deadline.
    std::optional<int> wait(std::chrono::milliseconds deadline);

    /// Sends a signal to this one process; does nothing when it has ended.
    void signal(int number);

    /// SIGTERM (and SIGCONT, if it is stopped), then SIGKILL when `deadline` passes. Returns the result of
    /// wait().
    int terminate(std::chrono::milliseconds deadline = std::chrono::seconds{5});

    /// Content of `ProcessOptions::output` so far.
    [[nodiscard]] std::string output() const;

  private:
    ProcessOptions options_;
    pid_t pid_ = -1;
    std::optional<int> exit_code_;
};

} // namespace bambu2mqtt::test_support
