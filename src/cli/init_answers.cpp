#include "cli/init_answers.hpp"

#include "cli/dialogue.hpp"
#include <bambu2mqtt/base/read_file.hpp>
#include <bambu2mqtt/io/ssdp/ssdp_search.hpp>
#include <bambu2mqtt/printer/serial.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr int exit_not_written = 1;
constexpr int exit_missing_option = 2;
constexpr std::size_t largest_code_file = 4096;  // bytes
constexpr std::size_t most_found_printers = 100; // any host can announce any number of them
constexpr std::size_t longer_id_digits = 6;
constexpr const char* local_broker = "mqtt://127.0.0.1:1883";

/// Fills the draft from options, announcements and answers, in this order.
class Answers {
  public:
    Answers(const Options& options, Dialogue* dialogue, std::ostream& output, std::ostream& diagnostics)
        : options_(options), dialogue_(dialogue), output_(output), diagnostics_(diagnostics) {}

    expected<ConfigDraft, NoAnswer> get() {
        if (auto missing = missing_options(); !missing.empty()) {
            return no_answer(exit_missing_option, std::move(missing));
        }
        if (auto read = read_code_file(); !read) {
            return unexpected(read.error());
        }
        if (auto done = choose_printers(); !done) {
            return unexpected(done.error());
        }
        if (draft_.printers.empty()) {
            return no_answer(exit_not_written, "no printer was given; nothing is written");
        }
        if (auto done = choose_broker(); !done) {
            return unexpected(done.error());
        }
        return std::move(draft_);
    }

  private:
    using Done = expected<void, NoAnswer>;

    static unexpected<NoAnswer> no_answer(int exit_code, std::string text) {
        return unexpected(NoAnswer{exit_code, std::move(text)});
    }

    static unexpected<NoAnswer> input_ended() {
        return no_answer(exit_not_written, "the input has ended; nothing is written");
    }

    [[nodiscard]] std::string missing_options() const {
        if (dialogue_ != nullptr) {
            return {};
        }
        std::string missing;
        if (options_.broker.empty()) {
            missing += "--broker URL";
        }
        if (options_.access_code_file.empty()) {
            missing += std::string(missing.empty() ? "" : " and ") + "--access-code-file FILE";
        }
        return missing.empty() ? missing : "--non-interactive needs " + missing;
    }

    Done read_code_file() {
        if (options_.access_code_file.empty()) {
            return {};
        }
        auto text = read_file(options_.access_code_file, largest_code_file);
        if (!text) {
            return no_answer(
                exit_missing_option,
                fmt::format("--access-code-file: '{}': {}; expected a file that holds the access code",
                            options_.access_code_file.string(), text.error().detail));
        }
        text->erase(text->find_last_not_of("\r\n") + 1);
        if (text->empty()) {
            return no_answer(exit_missing_option,
                             fmt::format("--access-code-file: '{}' is empty; expected the access code",
                                         options_.access_code_file.string()));
        }
        code_ = Secret{*std::move(text)};
        return {};
    }

    Done choose_printers() {
        if (!options_.serial.empty() && !options_.host.empty()) {
            return add(PrinterNotice{.serial = options_.serial, .address = options_.host});
        }
        search();
        if (!options_.serial.empty()) {
            return add(found_.empty() ? PrinterNotice{.serial = options_.serial} : found_.front());
        }
        if (dialogue_ == nullptr) {
            return found_.size() == 1
                       ? add(found_.front())
                       : no_answer(exit_missing_option,
                                   fmt::format("{} printers have announced themselves; --serial names one",
                                               found_.size()));
        }
        for (const auto& printer : found_) {
            if (auto done = add(printer); !done) {
                return done;
            }
        }
        return found_.empty() ? ask_for_printers() : Done{};
    }

    /// Until the wanted printer is found, else for as long as every printer needs, or until a line is typed.
    void search() {
        output_ << fmt::format("Searching for printers for {} s{}\n", every_printer_announced.count(),
                               dialogue_ != nullptr ? "; Enter ends the search" : "")
                << std::flush;
        const auto take = [this](const PrinterNotice& printer) {
            const bool wanted = options_.serial.empty() || printer.serial == options_.serial;
            if (wanted && found_.size() < most_found_printers &&
                std::ranges::find(found_, printer.serial, &PrinterNotice::serial) == found_.end()) {
                found_.push_back(printer);
                output_ << fmt::format("  {}  {}  {}\n", printer.serial, printer.address, printer.name)
                        << std::flush;
            }
            return options_.serial.empty() || found_.empty();
        };
        (void)search_printers(
            ssdp_endpoints(), std::chrono::steady_clock::now() + every_printer_announced, take,
            [this](const std::string& text) { diagnostics_ << text << '\n'; },
            dialogue_ != nullptr ? dialogue_->descriptor() : -1);
        if (dialogue_ != nullptr) {
            dialogue_->discard_line();
        }
    }

    /// Printers that do not announce themselves here, until an empty line.
    Done ask_for_printers() {
        output_ << "No printer has announced itself. Printers in other networks are entered by hand.\n";
        for (;;) {
            const auto typed = dialogue_->ask("Serial of a printer (empty: no more)");
            if (!typed) {
                return input_ended();
            }
            if (typed->empty()) {
                return {};
            }
            const auto serial = read_serial(*typed);
            if (!serial) {
                output_ << "A serial has 8 to 24 letters and digits; the printer's screen shows it.\n";
                continue;
            }
            const auto host = dialogue_->ask("Its IP address or host name");
            if (!host) {
                return input_ended();
            }
            if (auto done = add({.serial = *serial, .address = *host}); !done) {
                return done;
            }
        }
    }

    /// Asks for the access code, unless a file has it; a printer without one is left out.
    Done add(const PrinterNotice& printer) {
        auto code = code_;
        if (code.empty()) {
            auto typed = dialogue_->ask_secret(
                fmt::format("Access code of {} (on its screen; empty: leave it out)", printer.serial));
            if (!typed) {
                return input_ended();
            }
            code = Secret{*std::move(typed)};
        }
        if (code.empty()) {
            return {};
        }
        auto id = default_printer_id(printer.serial);
        if (std::ranges::find(draft_.printers, id, &PrinterDraft::id) != draft_.printers.end()) {
            id = default_printer_id(printer.serial, longer_id_digits);
        }
        draft_.printers.push_back({.serial = printer.serial,
                                   .id = std::move(id),
                                   .name = options_.name.empty() ? printer.name : options_.name,
                                   .host = options_.host.empty() ? printer.address : options_.host,
                                   .access_code = std::move(code),
                                   .mqtt_port = options_.mqtt_port,
                                   .ftps_port = options_.ftps_port});
        return {};
    }

    Done choose_broker() {
        draft_.broker_url = options_.broker;
        if (!draft_.broker_url.empty()) {
            return {};
        }
        const auto url = dialogue_->ask("MQTT broker", local_broker);
        if (!url) {
            return input_ended();
        }
        draft_.broker_url = *url;
        return {};
    }

    const Options& options_;
    Dialogue* const dialogue_;
    std::ostream& output_;
    std::ostream& diagnostics_;
    Secret code_;
    std::vector<PrinterNotice> found_;
    ConfigDraft draft_;
};

} // namespace

expected<ConfigDraft, NoAnswer> init_answers(const Options& options, Dialogue* dialogue, std::ostream& output,
                                             std::ostream& diagnostics) {
    return Answers{options, dialogue, output, diagnostics}.get();
}

} // namespace bambu2mqtt
