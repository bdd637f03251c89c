#include "simulator/driver.hpp"

#include <mosquitto.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace bambu2mqtt::simulator {
namespace {

constexpr std::chrono::seconds start_timeout{10};
constexpr Uptime longest_wait{20};
constexpr int keepalive_seconds = 60;
constexpr std::chrono::seconds longest_drop{2};
constexpr std::string_view log_topic = "$SYS/broker/log/";
constexpr std::string_view order_topic = "simulator/";
constexpr std::array<const char*, 4> wanted_topics{"device/+/request", "simulator/+/do", "$SYS/broker/log/+",
                                                   "$SYS/broker/log/M/subscribe"};

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

std::vector<std::string> broker_lines() {
    return {"log_dest topic", "log_type subscribe", "max_inflight_messages 0", "set_tcp_nodelay true"};
}

void Driver::Close::operator()(mosquitto* client) const {
    mosquitto_disconnect(client);
    mosquitto_destroy(client);
}

Driver::Driver(std::uint16_t port, std::vector<std::unique_ptr<Printer>> printers) : port_{port} {
    const auto count = static_cast<std::int64_t>(printers.size());
    for (auto& printer : printers) {
        const auto index = printers_.size();
        by_serial_[printer->serial()] = index;
        // spread over the interval, so that a thousand printers do not report at the same moment
        schedule_.emplace(printer->report_interval() * static_cast<std::int64_t>(index) / count, index);
        Member member;
        member.report_topic = "device/" + printer->serial() + "/report";
        member.printer = std::move(printer);
        printers_.push_back(std::move(member));
    }
    connect();
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

Driver::~Driver() = default;

void Driver::connect() {
    static const int library = mosquitto_lib_init();
    check(library, "starting libmosquitto");
    client_.reset(mosquitto_new(nullptr, true, this));
    if (!client_)
        throw std::runtime_error{"mosquitto_new failed"};
    mosquitto_connect_callback_set(
        client_.get(), [](mosquitto*, void* self, int) { static_cast<Driver*>(self)->subscribe(); });
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
    check(mosquitto_connect(client_.get(), "127.0.0.1", port_, keepalive_seconds), "connecting the driver");
    const auto deadline = begin_ + start_timeout;
    while (!subscribed_ && std::chrono::steady_clock::now() < deadline)
        check(mosquitto_loop(client_.get(), static_cast<int>(longest_wait.count()), 1),
              "subscribing the driver");
    if (!subscribed_)
        throw std::runtime_error{"the broker did not confirm the driver's subscription"};
}

void Driver::subscribe() {
    auto topics = wanted_topics;
    mosquitto_subscribe_multiple(client_.get(), nullptr, static_cast<int>(topics.size()),
                                 const_cast<char* const*>(topics.data()), 1, 0, nullptr);
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
            const std::lock_guard lock{mutex_};
            sessions_.all_gone();
        }
        const std::lock_guard lock{mutex_};
        take_messages();
        send_waiting();
        wait = std::clamp(report_due() - uptime(), Uptime{0}, longest_wait);
    }
}

void Driver::take_messages() {
    for (const auto& [topic, payload] : std::exchange(inbox_, {})) {
        if (topic.starts_with(log_topic)) {
            const auto serial = sessions_.read(payload);
            const auto found = by_serial_.find(serial.value_or(""));
            if (found != by_serial_.end())
                react(found->second,
                      printers_[found->second].printer->connected(sessions_.newest(*serial), uptime()));
        } else if (topic.starts_with(order_topic)) {
            take_order(serial_in(topic), payload);
        } else {
            take_request(serial_in(topic), payload);
        }
    }
}

void Driver::take_request(const std::string& serial, const std::string& payload) {
    ++traffic_.requests;
    const auto found = by_serial_.find(serial);
    if (found != by_serial_.end())
        react(found->second, printers_[found->second].printer->answer(payload, uptime()));
}

void Driver::take_order(const std::string& serial, const std::string& order) {
    for (const auto& member : printers_) {
        const auto& name = member.printer->serial();
        if (serial == name || serial == "all")
            publish("simulator/" + name + "/done", member.printer->obey(order, uptime()));
    }
}

void Driver::react(std::size_t index, Reaction reaction) {
    if (reaction.contact == Contact::dropped) {
        drop_clients(printers_[index].printer->serial());
        return;
    }
    for (auto& answer : reaction.answers) {
        if (reaction.delay.count() == 0)
            publish(printers_[index], answer);
        else
            outbox_.push_back({uptime() + reaction.delay, index, std::move(answer)});
    }
}

/// A broker closes a connection when another client connects with the same id.
void Driver::drop_clients(const std::string& serial) {
    for (const auto& id : sessions_.clients(serial)) {
        bool answered = false;
        const std::unique_ptr<mosquitto, Close> rival{mosquitto_new(id.c_str(), true, &answered)};
        if (!rival)
            continue;
        mosquitto_connect_callback_set(rival.get(),
                                       [](mosquitto*, void* flag, int) { *static_cast<bool*>(flag) = true; });
        if (mosquitto_connect(rival.get(), "127.0.0.1", port_, keepalive_seconds) != MOSQ_ERR_SUCCESS)
            continue;
        const auto deadline = std::chrono::steady_clock::now() + longest_drop;
        while (!answered && std::chrono::steady_clock::now() < deadline &&
               mosquitto_loop(rival.get(), static_cast<int>(longest_wait.count()), 1) == MOSQ_ERR_SUCCESS) {
        }
    }
}

void Driver::send_waiting() {
    const auto now = uptime();
    const auto waiting = std::stable_partition(outbox_.begin(), outbox_.end(),
                                               [now](const Delayed& message) { return message.due <= now; });
    std::vector<Delayed> due{std::make_move_iterator(outbox_.begin()), std::make_move_iterator(waiting)};
    outbox_.erase(outbox_.begin(), waiting);
    for (const auto& message : due)
        publish(printers_.at(message.index), message.payload);
}

/// Publishes due reports; returns the time of the next one.
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
    publish(member.report_topic, payload);
}

void Driver::publish(const std::string& topic, const std::string& payload) {
    mosquitto_publish(client_.get(), nullptr, topic.c_str(), static_cast<int>(payload.size()), payload.data(),
                      0, false);
}

void Driver::set_mute(std::size_t index, bool mute) {
    const std::lock_guard lock{mutex_};
    printers_.at(index).mute = mute;
}

void Driver::send(std::size_t index, std::string payload) {
    const std::lock_guard lock{mutex_};
    outbox_.push_back({uptime(), index, std::move(payload)});
}

std::string Driver::order(std::size_t index, const std::string& words) {
    const std::lock_guard lock{mutex_};
    return printers_.at(index).printer->obey(words, uptime());
}

void Driver::drop_connections(std::size_t index) {
    const std::lock_guard lock{mutex_};
    drop_clients(printers_.at(index).printer->serial());
}

int Driver::newest_session(std::size_t index) const {
    const std::lock_guard lock{mutex_};
    return sessions_.newest(printers_.at(index).printer->serial());
}

Traffic Driver::traffic() const {
    const std::lock_guard lock{mutex_};
    return traffic_;
}

} // namespace bambu2mqtt::simulator
