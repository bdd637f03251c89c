// Questions on a terminal.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

namespace bambu2mqtt {

/// One line for each answer. The end of the input is no answer: nothing.
class Dialogue {
  public:
    /// `descriptor`: of the terminal behind `input`, whose echo is switched off for secrets; -1: there is
    /// none.
    Dialogue(std::istream& input, std::ostream& output, int descriptor)
        : input_(input), output_(output), descriptor_(descriptor) {}

    /// Of the terminal; -1: there is none.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    /// Drops the line that was typed, if there is one.
    void discard_line();

    /// "QUESTION [PROPOSAL]: "; an empty line is the proposal.
    [[nodiscard]] std::optional<std::string> ask(const std::string& question,
                                                 const std::string& proposal = {});

    /// The same without showing what is typed. SIGINT and SIGTERM restore the terminal before they end the
    /// program.
    [[nodiscard]] std::optional<std::string> ask_secret(const std::string& question);

    /// "QUESTION [y/N] "; everything but a yes is a no.
    [[nodiscard]] bool confirm(const std::string& question);

  private:
    [[nodiscard]] std::optional<std::string> read_line();

    std::istream& input_;
    std::ostream& output_;
    int descriptor_;
};

} // namespace bambu2mqtt
