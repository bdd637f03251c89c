#pragma once
// A program on a terminal of its own (a pty), as a person uses it: its output is read, lines are typed.

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt::test_support {

/// Create it on a thread that outlives it, as a Process. The destructor kills the program.
class Terminal {
  public:
    /// Starts the program (a path) with these arguments; `environment` is added to the test's own. Throws
    /// std::system_error.
    Terminal(std::vector<std::string> arguments, const std::map<std::string, std::string>& environment);
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    /// Waits for a text in the output behind the last text waited for. False at the deadline or the end.
    [[nodiscard]] bool wait_for(const std::string& text, std::chrono::milliseconds deadline);

    /// Types a line.
    void type(const std::string& line) const;

    /// Reads the output until the program ends. Exit code, or 128 plus the signal; nothing at the deadline.
    [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds deadline);

    /// Everything the terminal has shown, with what it echoed.
    [[nodiscard]] const std::string& output() const { return output_; }

    /// Whether typed characters are shown now.
    [[nodiscard]] bool echoes() const;

    /// Sends a signal to the program.
    void signal(int number) const;

  private:
    /// False when nothing more comes, or at the deadline.
    bool read_more(std::chrono::steady_clock::time_point deadline);

    int descriptor_ = -1;
    pid_t pid_ = -1;
    std::string output_;
    std::size_t seen_ = 0; ///< end of the last text waited for
};

} // namespace bambu2mqtt::test_support
