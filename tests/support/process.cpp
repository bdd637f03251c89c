#include "support/process.hpp"

#include "support/eventually.hpp"
#include "support/files.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace bambu2mqtt::test_support {
namespace {

constexpr int output_flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        if (!added.contains(std::string{text.substr(0, text.find('='))}))
            result.emplace_back(text);
    }
    for (const auto& [name, value] : added)
        result.push_back(name + "=" + value);
    return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

/// Everything the child needs, created before fork(): afterwards only async-signal-safe calls are allowed.
struct Prepared {
    char* const* arguments = nullptr;
    char* const* environment = nullptr;
    const char* output = "/dev/null";
    const char* errors = nullptr;
    const char* working_directory = nullptr;
    pid_t parent = 0;
    int report_descriptor = -1;
};

bool redirect(const Prepared& prepared) {
    const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int output = ::open(prepared.output, output_flags, 0600);
    const int errors = prepared.errors == nullptr ? output : ::open(prepared.errors, output_flags, 0600);
    return input >= 0 && output >= 0 && errors >= 0 && ::dup2(input, STDIN_FILENO) >= 0 &&
           ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(errors, STDERR_FILENO) >= 0;
}

[[noreturn]] void become_child(const Prepared& prepared) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != prepared.parent)
        ::_exit(127); // the parent died before the request above took effect
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    const bool ready = (prepared.working_directory == nullptr || ::chdir(prepared.working_directory) == 0) &&
                       redirect(prepared);
    if (ready)
        ::execvpe(prepared.arguments[0], prepared.arguments, prepared.environment);
    const int reason = errno;
    [[maybe_unused]] const auto written = ::write(prepared.report_descriptor, &reason, sizeof reason);
    ::_exit(127);
}

int exit_code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

Process::Process(ProcessOptions options) : options_{std::move(options)} {
    auto environment = merged_environment(options_.environment);
    const auto argument_pointers = pointers(options_.arguments);
    const auto environment_pointers = pointers(environment);
    std::array<int, 2> report{};
    if (options_.arguments.empty() || ::pipe2(report.data(), O_CLOEXEC) != 0)
        throw std::system_error{errno, std::generic_category(), "preparing a process"};
    Prepared prepared{.arguments = argument_pointers.data(),
                      .environment = environment_pointers.data(),
                      .parent = ::getpid(),
                      .report_descriptor = report[1]};
    if (!options_.output.empty())
        prepared.output = options_.output.c_str();
    if (!options_.errors.empty())
        prepared.errors = options_.errors.c_str();
    if (!options_.working_directory.empty())
        prepared.working_directory = options_.working_directory.c_str();

    pid_ = ::fork();
    if (pid_ == 0)
        become_child(prepared);
    ::close(report[1]);
    int reason = pid_ < 0 ? errno : 0;
    if (pid_ > 0 && ::read(report[0], &reason, sizeof reason) == sizeof reason)
        ::waitpid(pid_, nullptr, 0);
    ::close(report[0]);
    if (reason != 0)
        throw std::system_error{reason, std::generic_category(), "starting " + options_.arguments.front()};
}

Process::~Process() {
    terminate();
}

bool Process::running() {
    return !wait(std::chrono::milliseconds{0}).has_value();
}

std::optional<int> Process::wait(std::chrono::milliseconds deadline) {
    static_cast<void>(eventually(deadline, [this] {
        int status = 0;
        if (!exit_code_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
            exit_code_ = exit_code_of(status);
        return exit_code_.has_value();
    }));
    return exit_code_;
}

void Process::signal(int number) {
    if (running())
        ::kill(pid_, number);
}

int Process::terminate(std::chrono::milliseconds deadline) {
    signal(SIGTERM);
    signal(SIGCONT);
    if (const auto code = wait(deadline))
        return *code;
    signal(SIGKILL);
    return wait(test_timeout).value_or(128 + SIGKILL);
}

std::string Process::output() const {
    return read_file(options_.output);
}

} // namespace bambu2mqtt::test_support
