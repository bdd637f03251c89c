#include "soak/soak_environment.hpp"

#include "simulator/gateway_config.hpp"
#include "support/eventually.hpp"
#include "support/proc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

namespace bambu2mqtt::soak {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using test_support::eventually;

constexpr auto test_timeout = 60s;

struct Order {
    const char* command;
    const char* arguments;
};

/// Some have an effect, some are refused, some only return data.
constexpr std::array<Order, 10> orders{{{"set_light_state", R"({"state":"off"})"},
                                        {"set_light_state", R"({"state":"on"})"},
                                        {"get_state", "{}"},
                                        {"set_bed_temp_target", R"({"value":40})"},
                                        {"set_bed_temp_target", R"({"value":9000})"},
                                        {"pause_printing", "{}"},
                                        {"resume_printing", "{}"},
                                        {"refresh", "{}"},
                                        {"no_such_thing", "{}"},
                                        {"set_speed_level", R"({"level":"sport"})"}}};

bool is_final(const std::string& outcome) {
    return outcome.find(R"("status":"progress")") == std::string::npos;
}

} // namespace

SoakEnvironment::SoakEnvironment(const std::string& gateway, int printers)
    : broker_{{.directory = directory_ / "broker", .persistence = true}},
      fleet_{{.directory = directory_ / "printers",
              .printers = printers,
              .models = {"X1C", "P1S", "A1MINI", "H2D", "P2S"},
              .report_interval = 500ms,
              .print_duration = 60s,
              .announce_to = {announcements_}}} {
    for (const auto& printer : fleet_.printers())
        lines_.push_back({std::make_unique<test_support::FaultProxy>(printer.port)});
    write_config();
    look_on();
    gateway_ = std::make_unique<test_support::Process>(test_support::ProcessOptions{
        .arguments = {gateway, "--config", (directory_ / "bambu2mqtt.toml").string()},
        .output = directory_ / "gateway.log",
        .environment = {{"BAMBU2MQTT_CORE_DUMPS", "1"}, // otherwise only root may count its descriptors
                        {"BAMBU2MQTT_ANNOUNCEMENTS", fmt::format("127.0.0.1:{}", announcements_)}}});
    if (!eventually(test_timeout, [this] { return connected() == lines_.size(); }))
        throw std::runtime_error{"not all printers are connected; output of the gateway:\n" +
                                 gateway_->output()};
}

void SoakEnvironment::write_config() const {
    auto printers = fleet_.printers();
    for (std::size_t i = 0; i < printers.size(); ++i)
        printers[i].port = lines_[i].network->port();
    auto text =
        simulator::gateway_config(printers, {.broker_url = broker_.url(), .directory = directory_.path()});
    test_support::write_file(directory_ / "bambu2mqtt.toml", text + "\n[log]\nlevel = \"warn\"\n");
}

void SoakEnvironment::look_on() {
    seen_ = 0;
    observer_ = std::make_unique<test_support::MqttObserver>(test_support::ObserverOptions{
        .port = broker_.port(), .topics = {"bambu2mqtt/+/connection", "bambu2mqtt/+/response"}});
}

std::string SoakEnvironment::topic(std::size_t printer, const std::string& name) const {
    return fmt::format("bambu2mqtt/{}/{}", simulator::default_id(fleet_.printers().at(printer)), name);
}

void SoakEnvironment::disturb_a_printer(std::minstd_rand& random) {
    const auto index = random() % lines_.size();
    auto& line = lines_[index];
    if (line.well_at)
        return;
    ++counts_.restarts;
    const auto for_a_while = [&](const test_support::Faults& faults, std::chrono::seconds time) {
        line.network->behave(faults);
        line.well_at = Clock::now() + time;
    };
    switch (random() % 9) {
    case 0:
        for_a_while({.passes = false}, 45s);
        break;
    case 1:
        for_a_while({.refuses = true}, 5s);
        line.network->reset();
        break;
    case 2:
        for_a_while({.bytes_per_second = 20}, 20s);
        break;
    case 3:
        for_a_while({.delay = 300ms}, 10s);
        break;
    case 4:
        line.network->behave_in_turn({{.cut_after_sent = random() % 1500}});
        line.network->reset();
        break;
    case 5:
        fleet_.driver().drop_connections(index);
        break;
    case 6:
        move(index);
        break;
    default:
        line.network->reset();
    }
}

/// The printer got another address and announces it, as after a restart of the user's router.
void SoakEnvironment::move(std::size_t printer) {
    ++counts_.moves;
    const auto address = fmt::format("127.0.{}.{}", 1 + counts_.moves / 200 % 200, 1 + counts_.moves % 200);
    lines_[printer].network->move_to(address);
    fleet_.announcer().move(printer, address);
}

void SoakEnvironment::settle() {
    for (auto& line : lines_) {
        if (line.well_at && Clock::now() >= *line.well_at) {
            line.network->behave({});
            line.well_at.reset();
        }
    }
}

void SoakEnvironment::restart_broker(std::minstd_rand& random) {
    ++counts_.broker_restarts;
    (void)counts(); // messages are dropped with the observer
    observer_.reset();
    random() % 2 == 0 ? broker_.stop() : broker_.crash();
    broker_.start();
    look_on();
}

void SoakEnvironment::say(const std::string& topic, const std::string& payload) {
    observer_->publish({.topic = topic, .payload = payload, .qos = 1});
}

void SoakEnvironment::send_a_command(std::minstd_rand& random) {
    ++counts_.commands;
    const auto& order = orders[random() % orders.size()];
    say(topic(random() % lines_.size(), fmt::format("command/{}", order.command)), order.arguments);
}

void SoakEnvironment::start_home_assistant() {
    say("homeassistant/status", "online");
}

bool SoakEnvironment::calm_down(std::chrono::seconds deadline) {
    for (auto& line : lines_) {
        line.network->behave_in_turn({});
        line.network->behave({});
        line.well_at.reset();
    }
    const bool back = eventually(deadline, [this] { return connected() == lines_.size(); });
    std::this_thread::sleep_for(10s); // work caused by the disturbances is done
    return back && connected() == lines_.size();
}

Needs SoakEnvironment::needs() {
    if (!gateway_->running())
        throw std::runtime_error{"the gateway has ended; its output:\n" + gateway_->output()};
    const auto pid = std::to_string(gateway_->pid());
    return {.resident_kb = test_support::status_of(pid, "VmRSS"),
            .anonymous_kb = test_support::status_of(pid, "RssAnon"),
            .threads = test_support::status_of(pid, "Threads"),
            .descriptors = test_support::descriptors_of(pid)};
}

std::size_t SoakEnvironment::connected() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i)
        count += observer_->latest(topic(i, "connection")) == "connected" ? 1 : 0;
    return count;
}

const Counts& SoakEnvironment::counts() {
    if (observer_) {
        const auto messages = observer_->messages();
        for (; seen_ < messages.size(); ++seen_) {
            const auto& message = messages[seen_];
            counts_.outcomes += message.topic.ends_with("/response") && is_final(message.payload) ? 1 : 0;
        }
    }
    return counts_;
}

int SoakEnvironment::stop() {
    return gateway_->terminate();
}

} // namespace bambu2mqtt::soak
