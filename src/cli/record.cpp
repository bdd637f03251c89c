#include "cli/record.hpp"

#include "cli/local_service.hpp"
#include "cli/printer_places.hpp"
#include "cli/setup.hpp"
#include <bambu2mqtt/io/disk/instance_files.hpp>
#include <bambu2mqtt/io/disk/output_file.hpp>
#include <bambu2mqtt/io/doctor/printer_checks.hpp>
#include <bambu2mqtt/io/local/local_socket.hpp>
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/recording/recorded_line.hpp>
#include <bambu2mqtt/recording/scrubber.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr int exit_not_recorded = 1;
constexpr int exit_not_recordable = 2;
constexpr std::uint64_t most_recorded_bytes = 1'000'000'000;
constexpr auto gateway_polled_every = 250ms;

RecordedTime utc_now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// Texts of the configuration that must not be in a recording. A host name without a dot may be any word.
std::vector<std::string> secrets_of(const PrinterConfig& printer) {
    std::vector<std::string> secrets{printer.serial, printer.access_code.reveal()};
    if (printer.host.find_first_of(".:") != std::string::npos) {
        secrets.push_back(printer.host);
    }
    return secrets;
}

/// Where the lines go, and how many went there.
class Recorder {
  public:
    Recorder(const PrinterConfig& printer, bool raw, std::ostream& output, std::optional<LocalFile> file)
        : scrubber_(secrets_of(printer)), raw_(raw), output_(output), file_(std::move(file)) {
        const auto model = printer.model.value_or(model_of_serial(printer.serial));
        write(recorded_header({.program = "bambu2mqtt " BAMBU2MQTT_VERSION,
                               .serial = raw ? printer.serial : scrubber_.serial(printer.serial),
                               .model = std::string{traits(model).name},
                               .scrubbed = !raw},
                              utc_now()));
    }

    /// A message, in the form of a recorded line or as it arrived.
    void take(OrderedJson message, RecordedTime time, std::size_t size) {
        message.erase(std::string{recorded_time_key});
        if (!raw_) {
            scrubber_.scrub(message);
        }
        ++messages_;
        write(recorded_line(message, time, size));
    }

    [[nodiscard]] bool full() const { return bytes_ >= most_recorded_bytes; }

    [[nodiscard]] std::uint64_t messages() const { return messages_; }

    /// Why nothing more can be written; empty: it can.
    [[nodiscard]] const std::string& problem() const { return problem_; }

  private:
    void write(std::string line) {
        line += '\n';
        bytes_ += line.size();
        if (!problem_.empty() || full()) {
            return;
        }
        if (!file_) {
            output_ << line << std::flush;
            problem_ = output_.good() ? "" : "standard output cannot be written";
        } else if (const auto written = file_->append(line); !written) {
            problem_ = written.error().detail;
        }
    }

    Scrubber scrubber_;
    bool raw_;
    std::ostream& output_;
    std::optional<LocalFile> file_;
    std::uint64_t bytes_ = 0;
    std::uint64_t messages_ = 0;
    std::string problem_;
};

/// When a recording ends.
struct Ending {
    const Signals& signals;
    Instant deadline{};

    [[nodiscard]] bool due(const Recorder& recorder) const {
        return recorder.full() || !recorder.problem().empty() ||
               std::chrono::steady_clock::now() >= deadline || !signals.wait_for(0ms).empty();
    }
};

/// The answers of the running gateway, until the end. Returns why they ended early; empty: they did not.
std::string record_over_gateway(const Config& config, const PrinterConfig& printer, const Ending& ending,
                                Recorder& recorder, std::ostream& diagnostics) {
    TapRequest request{.serial = printer.serial};
    for (;;) {
        const auto answer =
            ask_local_socket(gateway_socket(config.state_directory), tap_request_text(request));
        if (!answer) {
            return answer.error().detail;
        }
        std::istringstream lines{*answer};
        std::string line;
        std::getline(lines, line);
        const auto head = parse_tap_answer(line);
        if (!head) {
            return "the running gateway does not know this printer: is its configuration another one?";
        }
        if (head->lost > 0) {
            diagnostics << fmt::format("{} messages came too fast and are missing\n", head->lost);
        }
        while (std::getline(lines, line)) {
            recorder.take(parse_recordable(line), recorded_time(line).value_or(utc_now()), line.size());
        }
        const bool more = head->next != request.from;
        request.from = head->next;
        if (ending.due(recorder) || (!more && !ending.signals.wait_for(gateway_polled_every).empty())) {
            return {};
        }
    }
}

std::string record_alone(const Config& config, const PrinterConfig& printer, const Ending& ending,
                         Recorder& recorder, std::ostream& diagnostics) {
    auto host = printer.host.empty() && follows_announcements(printer)
                    ? learned_address(config, printer, diagnostics)
                    : printer.host;
    if (host.empty() && follows_announcements(printer)) {
        host = announced_addresses({printer.serial}, diagnostics)[printer.serial];
    }
    prepare_tls();
    LinkServices services{config.state_directory};
    const auto take = [&](const std::optional<std::string>& message) {
        if (message) {
            recorder.take(parse_recordable(*message), utc_now(), message->size());
        }
        return !ending.due(recorder);
    };
    const auto recorded = record_printer({.config = printer, .host = host}, services, take);
    return recorded ? std::string{} : recorded.error().detail;
}

} // namespace

int run_record(const Options& options, std::ostream& output, std::ostream& diagnostics) {
    const auto setup = read_setup(options, diagnostics);
    if (!setup) {
        return exit_not_recordable;
    }
    const auto& config = setup->config;
    const auto* const printer = find_printer(config, options.printer);
    if (printer == nullptr) {
        diagnostics << fmt::format("no printer '{}' in {}; give its id, name or serial\n", options.printer,
                                   options.config.string());
        return exit_not_recordable;
    }
    const Signals signals; // blocked before any thread is created
    std::optional<LocalFile> file;
    if (!options.out.empty()) {
        auto created = create_output_file(options.out);
        if (!created) {
            diagnostics << created.error().detail << '\n';
            return exit_not_recorded;
        }
        file = *std::move(created);
    }
    Recorder recorder{*printer, options.raw, output, std::move(file)};
    const Ending ending{signals, std::chrono::steady_clock::now() + options.seconds};
    const auto problem = check_instance(config.state_directory).running
                             ? record_over_gateway(config, *printer, ending, recorder, diagnostics)
                             : record_alone(config, *printer, ending, recorder, diagnostics);
    for (const auto& text : {problem, recorder.problem()}) {
        if (!text.empty()) {
            diagnostics << text << (text.ends_with('\n') ? "" : "\n");
        }
    }
    diagnostics << fmt::format("{} messages recorded{}\n", recorder.messages(),
                               recorder.full() ? "; ended at 1 GB" : "");
    if (recorder.messages() == 0) {
        diagnostics << fmt::format("bambu2mqtt doctor {} tries the connection\n", printer->id);
    }
    return recorder.messages() > 0 && problem.empty() && recorder.problem().empty() ? 0 : exit_not_recorded;
}

} // namespace bambu2mqtt
