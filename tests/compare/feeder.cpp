#include "compare/feeder.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <mosquitto.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace bambu2mqtt::compare {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t full_each = 10;
constexpr std::string_view layer_key = "\"layer_num\":";

void check(int code, const char* what) {
    if (code != MOSQ_ERR_SUCCESS) {
        throw std::runtime_error{fmt::format("{}: {}", what, mosquitto_strerror(code))};
    }
}

} // namespace

void Feeder::Close::operator()(mosquitto* client) const {
    mosquitto_disconnect(client);
    mosquitto_destroy(client);
}

Feeder::Feeder(std::vector<Contender*> contenders, double rate)
    : period_(static_cast<std::int64_t>(1e9 / rate)) {
    mosquitto_lib_init();
    for (auto* const contender : contenders) {
        auto& source = sources_.emplace_back();
        source.contender = contender;
        learn_full_report(source);
    }
}

Feeder::~Feeder() = default;

/// Requests the state of the first printer, and turns the reply into that of a printing printer.
void Feeder::learn_full_report(Source& source) {
    std::string answer;
    source.client.reset(mosquitto_new(nullptr, true, &answer));
    mosquitto* const client = source.client.get();
    mosquitto_message_callback_set(client, [](mosquitto*, void* into, const mosquitto_message* message) {
        auto& longest = *static_cast<std::string*>(into);
        const std::string_view text(static_cast<const char*>(message->payload),
                                    static_cast<std::size_t>(message->payloadlen));
        if (text.size() > longest.size()) {
            longest = text;
        }
    });
    check(mosquitto_connect(client, "127.0.0.1", source.contender->fleet().inner_port(), 60),
          "printer-side broker");
    const auto& serial = source.contender->fleet().printers().front().serial;
    const auto topic = fmt::format("device/{}/report", serial);
    check(mosquitto_subscribe(client, nullptr, topic.c_str(), 0), "subscription");
    const std::string request = R"({"pushing":{"sequence_id":"0","command":"pushall"}})";
    const auto deadline = Clock::now() + 10s;
    for (auto ask_at = Clock::now(); answer.size() < 2000;) {
        if (Clock::now() >= deadline) {
            throw std::runtime_error{"a printer reports no state"};
        }
        if (Clock::now() >= ask_at) {
            ask_at += 1s;
            mosquitto_publish(client, nullptr, fmt::format("device/{}/request", serial).c_str(),
                              static_cast<int>(request.size()), request.data(), 0, false);
        }
        mosquitto_loop(client, 50, 1);
    }
    check(mosquitto_unsubscribe(client, nullptr, topic.c_str()), "end of the subscription");
    mosquitto_user_data_set(client, nullptr);
    mosquitto_message_callback_set(client, nullptr);
    auto report = nlohmann::json::parse(answer);
    report["print"].merge_patch({{"command", "push_status"},
                                 {"msg", 0},
                                 {"gcode_state", "RUNNING"},
                                 {"mc_percent", 50},
                                 {"mc_remaining_time", 90},
                                 {"total_layer_num", 100'000},
                                 {"layer_num", 0},
                                 {"subtask_name", "Boat"}});
    const auto text = report.dump();
    const auto place = text.find(layer_key) + layer_key.size();
    source.full_begin = text.substr(0, place);
    source.full_end = text.substr(place + 1);
}

void Feeder::report(Source& source, std::size_t printer, std::size_t number) const {
    const auto topic = fmt::format("device/{}/report", source.contender->fleet().printers()[printer].serial);
    const auto payload =
        (number + printer) % full_each == 0 || number == 1
            ? fmt::format("{}{}{}", source.full_begin, number, source.full_end)
            : fmt::format(R"({{"print":{{"nozzle_temper":{}.5,"mc_remaining_time":{},"wifi_signal":"-{}dBm",)"
                          R"("command":"push_status","msg":1,"sequence_id":"{}","layer_num":{}}}}})",
                          200 + number % 20, 1 + number % 300, 40 + number % 3, number, number);
    source.contender->samples().sent(printer, number, Clock::now());
    check(mosquitto_publish(source.client.get(), nullptr, topic.c_str(), static_cast<int>(payload.size()),
                            payload.data(), 0, false),
          "report");
}

/// When the next report is due.
Clock::time_point Feeder::due() const {
    const auto stacks = static_cast<std::int64_t>(sources_.size());
    const auto printers = static_cast<std::int64_t>(sources_.front().contender->fleet().printers().size());
    const auto places = stacks * printers; // in each period
    return begin_ + next_ / places * period_ + next_ % places * period_ / places;
}

void Feeder::keep_connections() {
    for (auto& source : sources_) {
        mosquitto_loop(source.client.get(), 0, 1);
    }
}

void Feeder::run_until(Clock::time_point end) {
    if (next_ == 0) {
        begin_ = Clock::now();
    }
    const auto stacks = static_cast<std::int64_t>(sources_.size());
    const auto places =
        stacks * static_cast<std::int64_t>(sources_.front().contender->fleet().printers().size());
    for (auto next = due(); next < end; next = due()) {
        for (auto now = Clock::now(); now < next; now = Clock::now()) {
            if (next - now > 20ms) {
                keep_connections();
            }
            std::this_thread::sleep_until(std::min(next, now + 1s));
        }
        most_late_ = std::max(most_late_, std::chrono::nanoseconds{Clock::now() - next});
        const auto place = next_ % places;
        report(sources_[static_cast<std::size_t>(place % stacks)], static_cast<std::size_t>(place / stacks),
               static_cast<std::size_t>(next_ / places) + 1);
        if (place < stacks) {
            mosquitto_loop(sources_[static_cast<std::size_t>(place)].client.get(), 0, 1);
        }
        ++next_;
    }
    std::this_thread::sleep_until(end);
}

void Feeder::rest_until(Clock::time_point end) {
    while (Clock::now() < end) {
        keep_connections();
        std::this_thread::sleep_until(std::min(end, Clock::now() + 1s));
    }
    while (next_ > 0 && due() < end) {
        ++next_;
    }
}

} // namespace bambu2mqtt::compare
