#include <bambu2mqtt/topic/topics.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace bambu2mqtt {

namespace {

bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/// ROOT/NAME and what follows; asked for every value of every report, so without a formatter.
std::string below(std::string_view root, std::string_view name, std::string_view suffix) {
    std::string topic(root.size() + 1 + name.size() + suffix.size(), '/');
    root.copy(topic.data(), root.size());
    name.copy(topic.data() + root.size() + 1, name.size());
    suffix.copy(topic.data() + root.size() + 1 + name.size(), suffix.size());
    return topic;
}

} // namespace

std::string BridgeTopics::state() const {
    return base_ + "/bridge/state";
}

std::string BridgeTopics::info() const {
    return base_ + "/bridge/info";
}

std::string BridgeTopics::health() const {
    return base_ + "/bridge/health";
}

PrinterTopics::PrinterTopics(std::string_view base, std::string_view id)
    : root_(fmt::format("{}/{}", base, id)) {}

std::string PrinterTopics::availability() const {
    return root_ + "/availability";
}

std::string PrinterTopics::state(std::string_view entity) const {
    return below(root_, entity, {});
}

std::string PrinterTopics::attributes(std::string_view entity) const {
    return below(root_, entity, "/attributes");
}

std::string PrinterTopics::latest(std::string_view entity) const {
    return below(root_, entity, "/latest");
}

std::string PrinterTopics::unit_availability(std::string_view unit) const {
    return below(root_, unit, "/availability");
}

std::string PrinterTopics::entity_availability(std::string_view entity) const {
    return below(root_, entity, "/availability");
}

std::string PrinterTopics::set(std::string_view entity) const {
    return below(root_, entity, "/set");
}

std::string PrinterTopics::event() const {
    return root_ + "/event";
}

std::string PrinterTopics::event(std::string_view type) const {
    return below(root_, "event", "/" + std::string{type});
}

std::string PrinterTopics::response() const {
    return root_ + "/response";
}

std::string PrinterTopics::raw_report() const {
    return root_ + "/raw/report";
}

std::string discovery_id(std::string_view text) {
    std::string id{text};
    std::ranges::replace_if(
        id, [](char c) { return !is_lower_or_digit(c) && !is_upper(c) && c != '_' && c != '-'; }, '_');
    return id;
}

std::string device_identifier(std::string_view serial, std::string_view device) {
    std::string identifier{identifier_prefix};
    identifier += discovery_id(serial);
    if (!device.empty()) {
        identifier += '_';
        identifier += discovery_id(device);
    }
    return identifier;
}

std::string bridge_identifier(std::string_view base) {
    return std::string{identifier_prefix} + discovery_id(base);
}

std::string discovery_topic(std::string_view prefix, std::string_view component, std::string_view object_id) {
    return fmt::format("{}/{}/{}/config", prefix, component, object_id);
}

} // namespace bambu2mqtt
