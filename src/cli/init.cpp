#include "cli/init.hpp"

#include "cli/dialogue.hpp"
#include "cli/init_answers.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/doctor/check.hpp>
#include <bambu2mqtt/io/disk/config_file.hpp>
#include <bambu2mqtt/io/disk/instance_files.hpp>
#include <bambu2mqtt/io/doctor/broker_checks.hpp>
#include <bambu2mqtt/io/doctor/printer_checks.hpp>
#include <bambu2mqtt/io/thread/services.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr int exit_nothing_written = 1;
constexpr int exit_wrong_answer = 2;
constexpr int most_attempts = 3; ///< at a login or an access code

/// Tries a draft for real, and corrects it with the user.
class InitTrial {
  public:
    InitTrial(ConfigDraft draft, std::filesystem::path file, Dialogue* dialogue, std::ostream& output)
        : draft_(std::move(draft)), file_(std::move(file)), dialogue_(dialogue), output_(output) {}

    /// The problems of the draft as a configuration file, one a line; empty: none.
    std::string problems() {
        auto loaded = parse_config(text(), file_);
        std::string lines;
        for (const auto& problem : loaded.problems) {
            lines += problem.to_string() + "\n";
        }
        config_ = std::move(loaded.config);
        return lines;
    }

    /// Needs problems() to be empty. True if the gateway will work with broker and printers.
    bool run() {
        prepare_tls();
        LinkServices services{config_.state_directory};
        bool works = try_broker(services);
        for (std::size_t i = 0; i < draft_.printers.size(); ++i) {
            works = try_printer(i, services) && works;
        }
        return works;
    }

    [[nodiscard]] std::string text() const { return config_text(draft_); }

    [[nodiscard]] const Config& config() const { return config_; }

  private:
    /// The first finding of a check that keeps the gateway from working; all are printed.
    template <typename Run>
    std::optional<Fault> first_fault(const Run& run) {
        std::optional<Fault> first;
        run([&](const Check& check) {
            output_ << line_of(check) << std::flush;
            if (check.fault && !first && !finding_of(*check.fault).minor) {
                first = check.fault;
            }
        });
        return first;
    }

    bool try_broker(LinkServices& services) {
        for (int attempt = 1;; ++attempt) {
            const auto fault = first_fault([&](const CheckSink& sink) {
                check_broker(config_.broker, config_.home_assistant, services, sink);
            });
            if (fault != Fault::broker_login_refused || dialogue_ == nullptr || attempt == most_attempts) {
                return !fault;
            }
            const auto username = dialogue_->ask("User name at the broker", draft_.username);
            const auto password = username ? dialogue_->ask_secret("Password at the broker") : std::nullopt;
            if (!password) {
                return false;
            }
            draft_.username = *username;
            draft_.password = Secret{*password};
            if (!accepts()) {
                return false;
            }
        }
    }

    bool try_printer(std::size_t index, LinkServices& services) {
        for (int attempt = 1;; ++attempt) {
            const auto& printer = config_.printers[index];
            const auto fault = first_fault([&](const CheckSink& sink) {
                check_printer({.config = printer, .host = printer.host}, services, sink);
            });
            if (fault != Fault::access_code_refused || dialogue_ == nullptr || attempt == most_attempts) {
                return !fault;
            }
            const auto code = dialogue_->ask_secret(fmt::format("Access code of {}", printer.serial));
            if (!code || code->empty()) {
                return false;
            }
            draft_.printers[index].access_code = Secret{*code};
            if (!accepts()) {
                return false;
            }
        }
    }

    /// Whether the changed draft is a configuration; its problems are printed.
    bool accepts() {
        const auto wrong = problems();
        output_ << wrong;
        return wrong.empty();
    }

    ConfigDraft draft_;
    std::filesystem::path file_;
    Dialogue* dialogue_;
    std::ostream& output_;
    Config config_;
};

/// Why init cannot begin; empty: it can.
std::string why_not_begin(const std::filesystem::path& file, bool force) {
    std::error_code problem;
    if (!force &&
        std::filesystem::symlink_status(file, problem).type() != std::filesystem::file_type::not_found) {
        return fmt::format("'{}' exists; --force replaces it and keeps it as '{}.bak'", file.string(),
                           file.string());
    }
    if (const auto state = Config{}.state_directory; check_instance(state).running) {
        const auto& finding = finding_of(Fault::gateway_running);
        return fmt::format("{}: {} ({}) {}", finding.id, finding.text, state.string(), finding.advice);
    }
    return {};
}

} // namespace

int run_init(const Options& options, Dialogue* dialogue, std::ostream& output, std::ostream& diagnostics) {
    const auto file = std::filesystem::absolute(options.config).lexically_normal();
    if (const auto why = why_not_begin(file, options.force); !why.empty()) {
        diagnostics << why << '\n';
        return exit_nothing_written;
    }
    auto answers = init_answers(options, dialogue, output, diagnostics);
    if (!answers) {
        diagnostics << answers.error().text << '\n';
        return answers.error().exit_code;
    }
    InitTrial trial{*std::move(answers), file, dialogue, output};
    if (const auto problems = trial.problems(); !problems.empty()) {
        diagnostics << problems << "nothing is written\n";
        return exit_wrong_answer;
    }
    const bool works = trial.run();
    if (!works && (dialogue == nullptr || !dialogue->confirm("Write the file nevertheless?"))) {
        diagnostics << "nothing is written\n";
        return exit_nothing_written;
    }
    const auto existing = options.force ? Existing::backed_up : Existing::kept;
    if (const auto written = write_config_file(file, trial.text(), existing); !written) {
        diagnostics << written.error().detail << '\n';
        return exit_nothing_written;
    }
    output << fmt::format("written: {}\nstart the gateway: bambu2mqtt --config {}\n", file.string(),
                          file.string());
    return 0;
}

} // namespace bambu2mqtt
