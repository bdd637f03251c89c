#include "compare/command_sender.hpp"

#include "simulator/gateway_config.hpp"

#include <fmt/format.h>

#include <mosquitto.h>

#include <stdexcept>
#include <string_view>

namespace bambu2mqtt::compare {

void CommandSender::Close::operator()(mosquitto* client) const {
    mosquitto_disconnect(client);
    mosquitto_loop_stop(client, true);
    mosquitto_destroy(client);
}

CommandSender::CommandSender(Contender& contender, std::chrono::nanoseconds period)
    : samples_(contender.options().printers), sent_(contender.options().printers) {
    TopicIndex places;
    for (const auto& printer : contender.fleet().printers()) {
        places.emplace(fmt::format("device/{}/request", printer.serial), places.size());
        topics_.push_back(fmt::format("bambu2mqtt/{}/chamber_light/set", simulator::default_id(printer)));
    }
    Reader read = [this, places = std::move(places)](
                      std::string_view topic,
                      std::string_view payload) -> std::optional<std::pair<std::size_t, std::size_t>> {
        const auto place = places.find(std::string{topic});
        if (place == places.end() || payload.find("\"ledctrl\"") == std::string_view::npos) {
            return std::nullopt;
        }
        return std::pair{place->second, sent_[place->second].load()};
    };
    requests_ = std::make_unique<Listener>(contender.fleet().inner_port(), "device/+/request", samples_,
                                           std::move(read));
    client_.reset(mosquitto_new(nullptr, true, nullptr));
    if (mosquitto_connect(client_.get(), "127.0.0.1", contender.broker_port(), 60) != MOSQ_ERR_SUCCESS ||
        mosquitto_loop_start(client_.get()) != MOSQ_ERR_SUCCESS) {
        throw std::runtime_error{"the contender's broker does not answer"};
    }
    thread_ = std::jthread{[this, period](const std::stop_token& stop) {
        auto due = Clock::now();
        for (std::size_t count = 0; !stop.stop_requested(); ++count) {
            due += period;
            std::this_thread::sleep_until(due);
            send(count % topics_.size());
        }
    }};
}

CommandSender::~CommandSender() {
    thread_.request_stop();
    thread_.join();
}

void CommandSender::send(std::size_t printer) {
    const auto number = ++sent_[printer];
    const std::string_view state = number % 2 == 0 ? "ON" : "OFF";
    samples_.sent(printer, number, Clock::now());
    mosquitto_publish(client_.get(), nullptr, topics_[printer].c_str(), static_cast<int>(state.size()),
                      state.data(), 0, false);
}

} // namespace bambu2mqtt::compare
