#include "integration/gateway_fixture.hpp"

#include "simulator/gateway_config.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace bambu2mqtt::gateway_test {

using test_support::eventually;
using test_support::read_file;
using test_support::write_file;

namespace {

constexpr const char* base = "bambu2mqtt";

/// Where the program listens for announcements: nowhere, unless a test sets a port on loopback.
std::map<std::string, std::string> quiet(std::map<std::string, std::string> environment) {
    environment.emplace("BAMBU2MQTT_ANNOUNCEMENTS", "off");
    return environment;
}

/// Parts of topics whose payloads are measured values or times and keep changing.
constexpr std::array<std::string_view, 9> wavering{"heatbreak_fan", "_temperature",   "_humidity",
                                                   "wifi_signal",   "/bridge/health", "total_usage",
                                                   "_time",         "/attributes",    "elapsed_time"};

/// Inserts lines after the first occurrence of a line.
void put_behind(std::string& text, const std::string& line, const std::string& more) {
    const auto at = text.find(line);
    if (at != std::string::npos && !more.empty()) {
        text.insert(at + line.size(), more + "\n");
    }
}

/// What a sanitizer of the gateway wrote, for a person; without one nothing.
void print_sanitizer_report(std::string_view log) {
    constexpr std::size_t longest = 20'000;
    if (const auto begin = log.find("Sanitizer"); begin != std::string_view::npos) {
        MESSAGE(std::string(log.substr(begin, longest)));
    }
}

} // namespace

CommandResult run_command(std::vector<std::string> command, std::string_view input,
                          std::map<std::string, std::string> environment) {
    const test_support::TemporaryDirectory directory;
    write_file(directory / "input", input);
    // A process starts without standard input; the shell opens the file and execs the program.
    std::vector<std::string> arguments{"sh", "-c", R"(exec "$@" < "$0")", (directory / "input").string()};
    std::ranges::move(command, std::back_inserter(arguments));
    test_support::Process process{{.arguments = std::move(arguments),
                                   .output = directory / "output",
                                   .errors = directory / "errors",
                                   .environment = quiet(std::move(environment))}};
    const auto code = process.wait(test_timeout);
    return {code.value_or(-1), read_file(directory / "output"), read_file(directory / "errors")};
}

std::string program() {
    return BAMBU2MQTT_PROGRAM;
}

CommandResult run_program(const std::vector<std::string>& arguments, std::string_view input,
                          const std::map<std::string, std::string>& environment) {
    std::vector<std::string> command{BAMBU2MQTT_PROGRAM};
    std::ranges::copy(arguments, std::back_inserter(command));
    return run_command(std::move(command), input, environment);
}

GatewayRun::GatewayRun(std::filesystem::path directory) : directory_(std::move(directory)) {
    std::filesystem::create_directories(directory_);
}

void GatewayRun::configure(std::string_view text) const {
    write_file(config_file(), text);
}

void GatewayRun::start(std::map<std::string, std::string> environment) {
    process_ = std::make_unique<test_support::Process>(
        test_support::ProcessOptions{.arguments = {BAMBU2MQTT_PROGRAM, "--config", config_file().string()},
                                     .output = log_file(++runs_),
                                     .environment = quiet(std::move(environment))});
}

int GatewayRun::stop(std::chrono::milliseconds deadline) {
    const int code = process_->terminate(timeout_factor * deadline);
    print_sanitizer_report(code == 0 ? "" : log());
    return code;
}

void GatewayRun::kill() {
    process_->signal(SIGKILL);
    (void)process_->wait(test_timeout);
}

bool GatewayRun::running() {
    return process_ != nullptr && process_->running();
}

CommandResult GatewayRun::command_request(std::vector<std::string> command,
                                          const std::map<std::string, std::string>& environment) const {
    command.insert(command.begin(), {"--config", config_file().string()});
    return run_program(command, {}, environment);
}

std::string GatewayRun::log() const {
    std::string text;
    for (int run = 1; run <= runs_; ++run) {
        text += read_file(log_file(run));
    }
    return text;
}

std::size_t GatewayRun::lines_with(std::string_view text) const {
    std::istringstream lines{log()};
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);) {
        count += line.find(text) != std::string::npos ? 1 : 0;
    }
    return count;
}

std::filesystem::path GatewayRun::log_file(int run) const {
    return directory_ / fmt::format("run-{}.log", run);
}

TestEnvironment::TestEnvironment(EnvironmentOptions options)
    : options_(std::move(options)), broker_(broker_options()),
      fleet_({.directory = directory_ / "printers",
              .printers = static_cast<int>(options_.models.size()),
              .models = options_.models,
              .report_interval = options_.report_interval,
              .doors = options_.doors,
              .settings = options_.settings,
              .durations = options_.durations,
              .announce_to = options_.announce_to,
              .announce_every = 1s,
              .file_servers = options_.file_servers,
              .file_server_lines = options_.file_server_lines}),
      gateway_(directory_ / "gateway") {
    std::filesystem::create_directories(local_files());
}

test_support::MosquittoOptions TestEnvironment::broker_options() const {
    test_support::Listener door;
    if (!options_.password.empty()) {
        door.password_file = directory_ / "users";
        auto users = test_support::password_entry("gateway", options_.password) + "\n";
        for (const auto& name : options_.more_users) {
            users += test_support::password_entry(name, options_.password) + "\n";
        }
        write_file(door.password_file, users);
    }
    if (!options_.rights.empty()) {
        door.acl_file = directory_ / "rights"; // a copy that belongs to the broker's user
        write_file(door.acl_file, read_file(options_.rights));
    }
    // Mosquitto's default limit, unlike the printers' broker.
    auto lines = options_.broker_lines;
    lines.emplace_back("max_queued_messages 1000");
    return {.directory = directory_ / "broker",
            .listeners = {door},
            .persistence = options_.persistence,
            .more_lines = std::move(lines)};
}

std::string TestEnvironment::config(const ConfigChanges& changes) const {
    auto chosen = changes.printers;
    for (std::size_t i = 0; changes.printers.empty() && i < printers(); ++i) {
        chosen.push_back(i);
    }
    std::vector<simulator::FleetPrinter> described;
    for (const auto index : chosen) {
        const auto replaced = changes.replace.find(index);
        described.push_back(replaced != changes.replace.end() ? replaced->second
                                                              : fleet_.printers().at(index));
    }
    const auto url =
        changes.broker_port == 0 ? broker_.url() : fmt::format("mqtt://127.0.0.1:{}", changes.broker_port);
    auto text = simulator::gateway_config(
        described, {.broker_url = url, .directory = gateway_.directory(), .doors = options_.doors});
    put_behind(text, "[broker]\n", changes.broker_lines);
    put_behind(text, "[files]\n", changes.files_lines);
    for (std::size_t place = 0; place < chosen.size(); ++place) {
        const auto lines = changes.printer_lines.find(chosen[place]);
        if (lines != changes.printer_lines.end()) {
            put_behind(text, fmt::format("serial = \"{}\"\n", described[place].serial), lines->second);
        }
    }
    return text + "\n" + changes.more_lines + "\n";
}

bool TestEnvironment::start_gateway(const ConfigChanges& changes,
                                    std::map<std::string, std::string> environment) {
    if (observer_ == nullptr) {
        observe();
    }
    gateway_.configure(config(changes));
    const auto from = observer_->count();
    gateway_.start(std::move(environment));
    return std::ranges::all_of(
        changes.printers.empty() ? all_printers() : changes.printers, [&](std::size_t index) {
            const auto wanted = topic(index, "availability");
            const auto is_online = [&](const test_support::ObservedMessage& message) {
                return message.topic == wanted && message.payload == "online" && !message.retained;
            };
            return observer_->wait_for(is_online, test_timeout, from).has_value();
        });
}

std::vector<std::size_t> TestEnvironment::all_printers() const {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < printers(); ++i) {
        all.push_back(i);
    }
    return all;
}

test_support::ObserverOptions TestEnvironment::observer_options() const {
    test_support::ObserverOptions options{.port = broker_.port(), .topics = {"#"}};
    if (!options_.password.empty()) {
        options.username = "gateway";
        options.password = options_.password;
    }
    return options;
}

test_support::MqttObserver& TestEnvironment::observe() {
    observer_ = std::make_unique<test_support::MqttObserver>(observer_options());
    return *observer_;
}

Retained TestEnvironment::retained() const {
    // The message after the retained messages of the subscription marks their end.
    static std::atomic<unsigned> number = 0;
    const auto end = fmt::format("test/end-of-retained/{}", ++number);
    test_support::MqttObserver observer{observer_options()};
    observer.publish({.topic = end, .payload = "end", .qos = 1});
    if (!observer.wait_for_latest(end, "end", test_timeout)) {
        throw std::runtime_error{"the broker sent no retained messages in time"};
    }
    Retained result;
    for (auto& message : observer.messages()) {
        if (message.retained) {
            result[message.topic] = std::move(message.payload);
        }
    }
    return result;
}

Retained TestEnvironment::result() const {
    Retained now;
    const bool quiet = eventually(2 * test_timeout, [&] {
        now = retained();
        std::this_thread::sleep_for(1500ms);
        return difference(lasting(now), lasting(retained())).empty();
    });
    if (!quiet) {
        throw std::runtime_error{"the retained messages keep changing"};
    }
    return now;
}

std::string TestEnvironment::unlike(const Retained& wanted) const {
    std::string text;
    (void)eventually(test_timeout, [&] {
        text = difference(lasting(wanted), lasting(retained()));
        return text.empty();
    });
    return text;
}

std::string TestEnvironment::topic(std::size_t printer, std::string_view name) const {
    return fmt::format("{}/{}/{}", base, simulator::default_id(fleet_.printers().at(printer)), name);
}

std::string TestEnvironment::discovery_topic(std::size_t printer) const {
    return fmt::format("homeassistant/device/bambu2mqtt_{}/config", fleet_.printers().at(printer).serial);
}

bool TestEnvironment::sees(std::size_t printer, std::string_view name, const std::string& payload,
                           std::chrono::milliseconds deadline) {
    return observer_->wait_for_latest(topic(printer, name), payload, deadline);
}

std::string TestEnvironment::seen(std::size_t printer, std::string_view name) const {
    return observer_->latest(topic(printer, name)).value_or(std::string{});
}

std::string TestEnvironment::history(std::size_t printer, std::string_view name, std::size_t from) const {
    const auto wanted = topic(printer, name);
    std::string payloads;
    const auto messages = observer_->messages();
    for (std::size_t i = from; i < messages.size(); ++i) {
        if (messages[i].topic == wanted) {
            payloads += (payloads.empty() ? "" : ", ") + messages[i].payload;
        }
    }
    return payloads;
}

std::vector<nlohmann::json> TestEnvironment::events(std::size_t printer, std::size_t from) const {
    const auto wanted = topic(printer, "event");
    const auto messages = observer_->messages();
    std::vector<nlohmann::json> found;
    for (std::size_t i = from; i < messages.size(); ++i) {
        if (messages[i].topic == wanted) {
            found.push_back(nlohmann::json::parse(messages[i].payload));
        }
    }
    return found;
}

std::optional<std::chrono::milliseconds> TestEnvironment::time_to_publish(std::size_t printer, int percent) {
    const auto allowed = std::chrono::steady_clock::now() + 1050ms;
    (void)eventually(2s, [&] { return std::chrono::steady_clock::now() >= allowed; });
    const auto from = observer_->count();
    const auto wanted = topic(printer, "print_progress");
    const auto begin = std::chrono::steady_clock::now();
    fleet_.with(printer, [&](auto& simulated) { simulated.merge({{"mc_percent", percent}}); });
    const auto message = observer_->wait_for(
        [&](const test_support::ObservedMessage& arrived) {
            return arrived.topic == wanted && arrived.payload == std::to_string(percent);
        },
        test_timeout, from);
    return message
               ? std::optional{std::chrono::duration_cast<std::chrono::milliseconds>(message->time - begin)}
               : std::nullopt;
}

Retained lasting(Retained messages) {
    std::erase_if(messages, [](const auto& message) {
        return std::ranges::any_of(wavering, [&](std::string_view part) {
            return message.first.find("/config") == std::string::npos &&
                   message.first.find(part) != std::string::npos;
        });
    });
    return messages;
}

std::string difference(const Retained& left, const Retained& right) {
    std::string text;
    for (const auto& [topic, payload] : left) {
        const auto other = right.find(topic);
        if (other == right.end() || other->second != payload) {
            text += fmt::format("{}: '{}' and {}\n", topic, payload.substr(0, 100),
                                other == right.end() ? "nothing" : "'" + other->second.substr(0, 100) + "'");
        }
    }
    for (const auto& [topic, payload] : right) {
        if (!left.contains(topic)) {
            text += fmt::format("{}: nothing and '{}'\n", topic, payload.substr(0, 100));
        }
    }
    return text;
}

std::string discovery_complaints(const Retained& messages) {
    std::string lines;
    for (const auto& [topic, payload] : messages) {
        if (topic.ends_with("/bridge/devices")) {
            continue; // a list for programs: no entity refers to it
        }
        const std::vector<unsigned char> bytes(payload.begin(), payload.end());
        const auto hex = fmt::format("{:02x}", fmt::join(bytes, ""));
        lines += nlohmann::json{{"topic", topic}, {"payload_hex", hex}, {"retain", true}}.dump() + "\n";
    }
    return discovery_complaints_of_lines(lines);
}

std::string discovery_complaints_of_lines(const std::string& lines) {
    const char* const checker = std::getenv("BAMBU2MQTT_DISCOVERY_CHECKER");
    if (checker == nullptr || *checker == '\0') {
        MESSAGE("skipped: BAMBU2MQTT_DISCOVERY_CHECKER names no checker of discovery messages");
        return {};
    }
    const auto result = run_command({"python3", checker, "--strict", "--follow-paths", "--orphans"}, lines);
    return result.exit_code == 0 ? std::string{} : result.output + result.errors + "\nexit code not 0";
}

} // namespace bambu2mqtt::gateway_test
