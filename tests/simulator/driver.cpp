#include "simulator/driver.hpp"

#include <mosquitto.h>

#include <algorithm>
#include <stdexcept>

namespace bambu2mqtt::simulator {
namespace {

constexpr std::chrono::seconds patience{10};
constexpr Uptime longest_wait{20};
constexpr int keepalive_seconds = 60;
constexpr const char* all_requests = "device/+/request";

/// SERIAL of `device/SERIAL/request`.
std::string serial_in(const std::string& topic) {
    const auto begin = topic.find('/') + 1;
    return topic.substr(begin, topic.rfind('/') - begin);
}

void check(int code, const std::string& what) {
    if (code != MOSQ_ERR_SUCCESS)
        throw std::runtime_error{what + ": " + mosquitto_strerror(code)};
}

} // namespace

void Driver::Close::operator()(mosquitto* client) const {
    mosquitto_disconnect(client);
    mosquitto_destroy(client);
}

Driver::Driver(std::uint16_t port, std::vector<std::unique_ptr<Printer>> printers) {
    const auto count = static_cast<std::int64_t>(printers.size());
    for (auto& printer : printers) {
        const auto index = printers_.size();
        by_serial_[printer->serial()] = index;
        // spread over the interval, so that a thousand printers do not speak in one breath
        schedule_.emplace(printer->report_interval() * static_cast<std::int64_t>(index) / count, index);
        Member member;
        member.report_topic = "device/" + printer->serial() + "/report";
        member.printer = std::move(printer);
        printers_.push_back(std::move(member));
    }
    connect(port);
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

Driver::~Driver() = default;

void Driver::connect(std::uint16_t port) {
    static const int library = mosquitto_lib_init();
    check(library, "starting libmosquitto");
    client_.reset(mosquitto_new(nullptr, true, this));
    if (!client_)
        throw std::runtime_error{"mosquitto_new failed"};
    mosquitto_connect_callback_set(client_.get(), [](mosquitto* client, void*, int) {
        mosquitto_subscribe(client, nullptr, all_requests, 1);
    });
    mosquitto_subscribe_callback_set(client_.get(), [](mosquitto*, void* self, int, int, const int*) {
        static_cast<Driver*>(self)->subscribed_ = true;
    });
    mosquitto_message_callback_set(
        client_.get(), [](mosquitto*, void* self, const mosquitto_message* message) {
            const auto size = static_cast<std::size_t>(message->payloadlen);
            static_cast<Driver*>(self)->inbox_.emplace_back(
                message->topic,
                size == 0 ? std::string{} : std::string{static_cast<const char*>(message->payload), size});
        });
    check(mosquitto_connect(client_.get(), "127.0.0.1", port, keepalive_seconds), "connecting the driver");
    const auto deadline = begin_ + patience;
    while (!subscribed_ && std::chrono::steady_clock::now() < deadline)
        check(mosquitto_loop(client_.get(), static_cast<int>(longest_wait.count()), 1),
              "subscribing the driver");
    if (!subscribed_)
        throw std::runtime_error{"the broker did not confirm the driver's subscription"};
}

Uptime Driver::uptime() const {
    return std::chrono::duration_cast<Uptime>(std::chrono::steady_clock::now() - begin_);
}

void Driver::run(const std::stop_token& stop) {
    Uptime wait{0};
    while (!stop.stop_requested()) {
        if (mosquitto_loop(client_.get(), static_cast<int>(wait.count()), 1) != MOSQ_ERR_SUCCESS) {
            std::this_thread::sleep_for(longest_wait);
            mosquitto_reconnect(client_.get());
        }
        const std::lock_guard lock{mutex_};
        take_requests();
        send_waiting();
        wait = std::clamp(report_due() - uptime(), Uptime{0}, longest_wait);
    }
}

void Driver::take_requests() {
    for (const auto& [topic, payload] : std::exchange(inbox_, {})) {
        ++traffic_.requests;
        const auto found = by_serial_.find(serial_in(topic));
        if (found == by_serial_.end())
            continue;
        const auto& member = printers_[found->second];
        for (const auto& answer : member.printer->answer(payload, uptime()))
            publish(member, answer);
    }
}

void Driver::send_waiting() {
    for (const auto& [index, payload] : std::exchange(outbox_, {}))
        publish(printers_.at(index), payload);
}

/// Publishes what is due; gives the time of the next report.
Uptime Driver::report_due() {
    const auto now = uptime();
    while (!schedule_.empty() && schedule_.top().first <= now) {
        const auto [due, index] = schedule_.top();
        schedule_.pop();
        const auto& member = printers_[index];
        for (const auto& report : member.printer->advance(now))
            publish(member, report);
        traffic_.most_late = std::max(traffic_.most_late, now - due);
        schedule_.emplace(std::max(due + member.printer->report_interval(), now), index);
    }
    return schedule_.empty() ? now + longest_wait : schedule_.top().first;
}

void Driver::publish(const Member& member, const std::string& payload) {
    if (member.mute)
        return;
    ++traffic_.reports;
    traffic_.bytes += payload.size();
    mosquitto_publish(client_.get(), nullptr, member.report_topic.c_str(), static_cast<int>(payload.size()),
                      payload.data(), 0, false);
}

void Driver::set_mute(std::size_t index, bool mute) {
    const std::lock_guard lock{mutex_};
    printers_.at(index).mute = mute;
}

void Driver::send(std::size_t index, std::string payload) {
    const std::lock_guard lock{mutex_};
    outbox_.emplace_back(index, std::move(payload));
}

Traffic Driver::traffic() const {
    const std::lock_guard lock{mutex_};
    return traffic_;
}

} // namespace bambu2mqtt::simulator
