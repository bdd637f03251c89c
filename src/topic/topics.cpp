#include <bambu2mqtt/topic/topics.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/// ROOT/NAME and a suffix; called for every value of every report, so without a formatter.
std::string below(std::string_view root, std::string_view name, std::string_view suffix) {
    std::string topic(root.size() + 1 + name.size() + suffix.size(), '/');
    root.copy(topic.data(), root.size());
    name.copy(topic.data() + root.size() + 1, name.size());
    suffix.copy(topic.data() + root.size() + 1 + name.size(), suffix.size());
    return topic;
}

/// The grammar of command topics below BASE/: `first`, then one level for the owner, then one for the name
/// between `before` and `after`.
struct CommandForm {
    CommandKind kind;
    std::string_view first;
    bool owned;
    std::string_view before;
    bool named;
    std::string_view after;
};

/// If two forms match a topic, the first one is used.
constexpr std::array<CommandForm, 7> command_forms{{
    {CommandKind::bridge_request, "bridge/request/", false, "", true, ""},
    {CommandKind::group_command, "group/", true, "/command", false, ""},
    {CommandKind::named_group_command, "group/", true, "/command/", true, ""},
    {CommandKind::command, "", true, "/command", false, ""},
    {CommandKind::named_command, "", true, "/command/", true, ""},
    {CommandKind::set, "", true, "/", true, "/set"},
    {CommandKind::raw_request, "", true, "/raw/request", false, ""},
}};

/// BASE/ and a form with `owner` and `name` inserted.
std::string command_text(std::string_view base, std::string_view owner, const CommandForm& form,
                         std::string_view name) {
    return fmt::format("{}/{}{}{}{}{}", base, form.first, form.owned ? owner : "", form.before,
                       form.named ? name : "", form.after);
}

/// The owner at the start of `text`, which is removed from it; empty for a form without one, nothing if it is
/// missing.
std::optional<std::string_view> taken_owner(std::string_view& text, const CommandForm& form) {
    const auto size = form.owned ? text.find('/') : 0;
    if (form.owned && (size == 0 || size == std::string_view::npos)) {
        return std::nullopt;
    }
    const auto owner = text.substr(0, size);
    text.remove_prefix(size);
    return owner;
}

/// The name in `text`, the part after the owner; nothing if it does not have this form.
std::optional<std::string_view> name_in(std::string_view text, const CommandForm& form) {
    if (text.size() < form.before.size() + form.after.size() || !text.starts_with(form.before) ||
        !text.ends_with(form.after)) {
        return std::nullopt;
    }
    text.remove_prefix(form.before.size());
    text.remove_suffix(form.after.size());
    const bool fits = form.named ? text.find('/') == std::string_view::npos : text.empty();
    return fits ? std::optional{text} : std::nullopt;
}

/// `text`: the part of a topic after BASE/.
std::optional<CommandTopic> parse_form(std::string_view text, const CommandForm& form) {
    if (!text.starts_with(form.first)) {
        return std::nullopt;
    }
    text.remove_prefix(form.first.size());
    const auto owner = taken_owner(text, form);
    const auto name = owner ? name_in(text, form) : std::nullopt;
    return name ? std::optional{CommandTopic{std::string{*owner}, form.kind, std::string{*name}}}
                : std::nullopt;
}

} // namespace

std::string command_topic(const CommandTopic& topic, std::string_view base) {
    const auto* const form = std::ranges::find(command_forms, topic.kind, &CommandForm::kind);
    return command_text(base, topic.owner, *form, topic.name);
}

std::optional<CommandTopic> parse_command_topic(std::string_view topic, std::string_view base) {
    if (!topic.starts_with(base) || !topic.substr(base.size()).starts_with('/')) {
        return std::nullopt;
    }
    topic.remove_prefix(base.size() + 1);
    for (const auto& form : command_forms) {
        if (auto parsed = parse_form(topic, form)) {
            return parsed;
        }
    }
    return std::nullopt;
}

std::vector<std::string> command_topic_filters(std::string_view base) {
    std::vector<std::string> filters;
    for (const auto& form : command_forms) {
        filters.push_back(command_text(base, "+", form, "+"));
    }
    return filters;
}

std::string BridgeTopics::state() const {
    return base_ + "/bridge/state";
}

std::string BridgeTopics::info() const {
    return base_ + "/bridge/info";
}

std::string BridgeTopics::health() const {
    return base_ + "/bridge/health";
}

std::string BridgeTopics::devices() const {
    return base_ + "/bridge/devices";
}

std::string BridgeTopics::log() const {
    return base_ + "/bridge/log";
}

std::string BridgeTopics::response(std::string_view request) const {
    return fmt::format("{}/bridge/response/{}", base_, request);
}

std::string BridgeTopics::group_response(std::string_view group) const {
    return fmt::format("{}/group/{}/response", base_, group);
}

std::string BridgeTopics::marker() const {
    return base_ + "/bridge/marker";
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
