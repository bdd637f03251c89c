#include "cli/dialogue.hpp"

#include <bambu2mqtt/base/ascii.hpp>

#include <poll.h>
#include <signal.h>
#include <termios.h>

#include <array>
#include <istream>
#include <ostream>

namespace bambu2mqtt {

namespace {

// For the signal handler: one terminal at a time.
int hidden_descriptor = -1;
termios shown_settings{};

constexpr std::array ending_signals{SIGINT, SIGTERM};

/// Restores the terminal and lets the signal end the program (SA_RESETHAND). Both calls are
/// async-signal-safe.
void show_and_end(int signal) {
    tcsetattr(hidden_descriptor, TCSANOW, &shown_settings);
    raise(signal);
}

/// What is typed is not shown during its lifetime. Without a terminal it does nothing.
class HiddenInput {
  public:
    explicit HiddenInput(int descriptor) {
        if (descriptor < 0 || tcgetattr(descriptor, &shown_settings) != 0) {
            return;
        }
        hidden_descriptor = descriptor;

        struct sigaction action {};

        action.sa_handler = show_and_end;
        action.sa_flags = static_cast<int>(SA_RESETHAND);
        for (std::size_t i = 0; i < ending_signals.size(); ++i) {
            sigaction(ending_signals[i], &action, &before_[i]);
        }
        auto hidden = shown_settings;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        hides_ = tcsetattr(descriptor, TCSAFLUSH, &hidden) == 0;
        changed_ = true;
    }

    HiddenInput(const HiddenInput&) = delete;
    HiddenInput& operator=(const HiddenInput&) = delete;

    ~HiddenInput() {
        if (!changed_) {
            return;
        }
        tcsetattr(hidden_descriptor, TCSANOW, &shown_settings);
        for (std::size_t i = 0; i < ending_signals.size(); ++i) {
            sigaction(ending_signals[i], &before_[i], nullptr);
        }
    }

    /// Whether the end of the line was not shown either.
    [[nodiscard]] bool hides() const { return hides_; }

  private:
    std::array<struct sigaction, ending_signals.size()> before_{};
    bool changed_ = false;
    bool hides_ = false;
};

} // namespace

void Dialogue::discard_line() {
    pollfd waiting{descriptor_, POLLIN, 0};
    if (descriptor_ >= 0 && poll(&waiting, 1, 0) == 1) {
        (void)read_line();
    }
}

std::optional<std::string> Dialogue::ask(const std::string& question, const std::string& proposal) {
    output_ << question << (proposal.empty() ? "" : " [" + proposal + "]") << ": " << std::flush;
    auto answer = read_line();
    return answer && answer->empty() ? proposal : answer;
}

std::optional<std::string> Dialogue::ask_secret(const std::string& question) {
    const HiddenInput hidden{descriptor_}; // before the question, as a program may answer at once
    output_ << question << ": " << std::flush;
    auto answer = read_line();
    if (hidden.hides()) {
        output_ << '\n';
    }
    return answer;
}

bool Dialogue::confirm(const std::string& question) {
    output_ << question << " [y/N] " << std::flush;
    const auto answer = read_line();
    return answer == "y" || answer == "Y" || answer == "yes";
}

std::optional<std::string> Dialogue::read_line() {
    std::string line;
    if (!std::getline(input_, line)) {
        return std::nullopt;
    }
    return std::string{trimmed(line)};
}

} // namespace bambu2mqtt
