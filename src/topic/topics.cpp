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

/// The grammar of command topics below BASE/ID/: one level for the name between `before` and `after`.
struct CommandForm {
    CommandKind kind;
    std::string_view before;
    bool named;
    std::string_view after;
};

/// If two forms match a topic, the first one is used.
constexpr std::array<CommandForm, 4> command_forms{{
    {CommandKind::command, "command", false, ""},
    {CommandKind::named_command, "command/", true, ""},
    {CommandKind::set, "", true, "/set"},
    {CommandKind::raw_request, "raw/request", false, ""},
}};

/// BASE/PRINTER/ and a form with `name` inserted.
std::string command_text(std::string_view base, std::string_view printer, const CommandForm& form,
                         std::string_view name) {
    return fmt::format("{}/{}/{}{}{}", base, printer, form.before, form.named ? name : "", form.after);
}

/// The name in `text`, the part after BASE/ID/; nothing if it does not have this form.
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

} // namespace

std::string command_topic(const CommandTopic& topic, std::string_view base) {
    const auto* const form = std::ranges::find(command_forms, topic.kind, &CommandForm::kind);
    return command_text(base, topic.printer, *form, topic.name);
}

std::optional<CommandTopic> parse_command_topic(std::string_view topic, std::string_view base) {
    if (!topic.starts_with(base) || !topic.substr(base.size()).starts_with('/')) {
        return std::nullopt;
    }
    topic.remove_prefix(base.size() + 1);
    const auto slash = topic.find('/');
    if (slash == 0 || slash == std::string_view::npos) {
        return std::nullopt;
    }
    for (const auto& form : command_forms) {
        if (const auto name = name_in(topic.substr(slash + 1), form)) {
            return CommandTopic{std::string{topic.substr(0, slash)}, form.kind, std::string{*name}};
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
