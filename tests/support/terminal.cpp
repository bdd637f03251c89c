#include "support/terminal.hpp"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace bambu2mqtt::test_support {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

} // namespace

Terminal::Terminal(std::vector<std::string> arguments,
                   const std::map<std::string, std::string>& environment) {
    // All before the fork: afterwards only async-signal-safe calls are allowed.
    std::vector<std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text{*entry};
        if (!environment.contains(text.substr(0, text.find('='))))
            variables.push_back(text);
    }
    for (const auto& [name, value] : environment)
        variables.push_back(name + "=" + value);
    const auto argument_pointers = pointers_to(arguments);
    const auto variable_pointers = pointers_to(variables);
    pid_ = ::forkpty(&descriptor_, nullptr, nullptr, nullptr);
    if (pid_ < 0)
        throw std::system_error{errno, std::generic_category(), "starting a program on a terminal"};
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::execve(argument_pointers[0], argument_pointers.data(), variable_pointers.data());
        ::_exit(127);
    }
}

Terminal::~Terminal() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(descriptor_);
}

bool Terminal::read_more(std::chrono::steady_clock::time_point deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{descriptor_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
        return false;
    std::array<char, 4096> bytes{};
    const auto count = ::read(descriptor_, bytes.data(), bytes.size());
    if (count <= 0) // EIO: the program has closed the terminal
        return false;
    output_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
}

bool Terminal::wait_for(const std::string& text, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    for (;;) {
        if (const auto at = output_.find(text, seen_); at != std::string::npos) {
            seen_ = at + text.size();
            return true;
        }
        if (!read_more(end))
            return false;
    }
}

void Terminal::type(const std::string& line) const {
    const auto text = line + "\n";
    if (::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::system_error{errno, std::generic_category(), "typing on a terminal"};
}

std::optional<int> Terminal::wait(std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (read_more(end)) {
    }
    if (std::chrono::steady_clock::now() >= end)
        return std::nullopt;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool Terminal::echoes() const {
    termios settings{};
    return ::tcgetattr(descriptor_, &settings) == 0 && (settings.c_lflag & ECHO) != 0;
}

void Terminal::signal(int number) const {
    ::kill(pid_, number);
}

} // namespace bambu2mqtt::test_support
