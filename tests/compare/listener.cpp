#include "compare/listener.hpp"

#include <mosquitto.h>

#include <charconv>
#include <stdexcept>

namespace bambu2mqtt::compare {

void Listener::Close::operator()(mosquitto* client) const {
    mosquitto_destroy(client);
}

Reader reader(TopicIndex topics, std::function<std::optional<std::size_t>(std::string_view payload)> number) {
    return [topics = std::move(topics), number = std::move(number), key = std::string{}](
               std::string_view topic,
               std::string_view payload) mutable -> std::optional<std::pair<std::size_t, std::size_t>> {
        key = topic; // without an allocation for each message
        const auto found = topics.find(key);
        const auto shown = found == topics.end() ? std::nullopt : number(payload);
        return shown ? std::optional{std::pair{found->second, *shown}} : std::nullopt;
    };
}

Listener::Listener(std::uint16_t port, std::string filter, Samples& samples, Reader reader)
    : filter_(std::move(filter)), samples_(samples), reader_(std::move(reader)) {
    mosquitto_lib_init();
    client_.reset(mosquitto_new(nullptr, true, this));
    mosquitto_connect_callback_set(client_.get(), [](mosquitto* client, void* context, int code) {
        if (code == 0) {
            mosquitto_subscribe(client, nullptr, static_cast<Listener*>(context)->filter_.c_str(), 0);
        }
    });
    mosquitto_message_callback_set(
        client_.get(), [](mosquitto*, void* context, const mosquitto_message* message) {
            const auto now = Clock::now();
            auto& self = *static_cast<Listener*>(context);
            if (message->retain) { // of before the subscription
                return;
            }
            self.samples_.count_message();
            const auto shown = self.reader_(message->topic, {static_cast<const char*>(message->payload),
                                                             static_cast<std::size_t>(message->payloadlen)});
            if (shown) {
                self.samples_.shown(shown->first, shown->second, now);
            }
        });
    if (mosquitto_connect(client_.get(), "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS ||
        mosquitto_loop_start(client_.get()) != MOSQ_ERR_SUCCESS) {
        throw std::runtime_error{"the contender's broker does not answer"};
    }
}

Listener::~Listener() {
    mosquitto_disconnect(client_.get());
    mosquitto_loop_stop(client_.get(), true);
}

std::optional<std::size_t> leading_number(std::string_view text) {
    std::size_t number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    return end.ptr == text.data() ? std::nullopt : std::optional{number};
}

} // namespace bambu2mqtt::compare
