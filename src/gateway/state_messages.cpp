#include <bambu2mqtt/command/controls.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>

namespace bambu2mqtt {

namespace {

/// The version of topics and payloads in bridge/info.
constexpr int contract_version = 1;

std::string word(bool online) {
    return online ? "online" : "offline";
}

} // namespace

std::vector<Message> state_messages(const Printer& printer, std::size_t index, const PrinterTopics& topics) {
    const auto& instance = printer.layout().instances()[index];
    std::vector<Message> messages;
    if (instance.entity->decode == nullptr) {
        return messages;
    }
    const auto& value = printer.value(index);
    messages.reserve(2);
    messages.push_back(Message{
        .topic = topics.state(instance.id), .payload = payload_of(value), .qos = instance.entity->qos});
    if (instance.entity->attributes != nullptr) {
        auto text = json_text(printer.attributes(index));
        messages.push_back(Message{
            .topic = topics.attributes(instance.id), .payload = std::move(text), .qos = Qos::at_most_once});
    }
    if (instance.entity->latest != nullptr) {
        messages.push_back(Message{topics.latest(instance.id), payload_of(printer.latest(index))});
    }
    return messages;
}

std::vector<Message> control_availability_messages(const Printer& printer, const PrinterTopics& topics,
                                                   const CommandPolicy& policy) {
    std::vector<Message> messages;
    for (const auto& instance : printer.layout().instances()) {
        if (works_sometimes(*instance.entity) && is_control(*instance.entity, printer.facts(), policy)) {
            messages.push_back(Message{topics.entity_availability(instance.id),
                                       word(works_now(*instance.entity, printer.report_state()))});
        }
    }
    return messages;
}

std::vector<Message> availability_messages(const Printer& printer, const PrinterTopics& topics,
                                           Reachable reachable) {
    std::vector<Message> messages;
    for (const auto& unit : printer.facts().units) {
        messages.push_back(Message{topics.unit_availability(unit.prefix()), word(unit.present)});
    }
    messages.push_back(Message{topics.availability(), word(reachable == Reachable::yes)});
    return messages;
}

OrderedJson to_json(const Health& health) {
    auto sessions = OrderedJson::object();
    for (const auto& [id, seconds] : health.session_seconds) {
        sessions[id] = seconds;
    }
    return {{"uptime", health.uptime_seconds},
            {"resident_memory_mb", health.resident_memory_mb},
            {"open_files", health.open_files},
            {"open_files_limit", health.open_files_limit},
            {"messages_in", health.messages_in},
            {"messages_out", health.messages_out},
            {"publish_delay_ms", health.publish_delay_ms},
            {"session_age", std::move(sessions)},
            {"broker_problem", text_or_null(health.broker_problem)},
            {"internal_errors", health.internal_errors}};
}

std::vector<Message> bridge_state_messages(const BridgeTopics& topics,
                                           const std::vector<std::string>& printers, const Health& health) {
    const OrderedJson info{
        {"version", BAMBU2MQTT_VERSION}, {"contract_version", contract_version}, {"printers", printers}};
    return {
        Message{topics.info(), info.dump()},
        Message{.topic = topics.health(), .payload = json_text(to_json(health)), .qos = Qos::at_most_once},
        Message{topics.state(), "online"}};
}

} // namespace bambu2mqtt
