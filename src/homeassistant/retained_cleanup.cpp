#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/json_limits.hpp>
#include <bambu2mqtt/homeassistant/retained_cleanup.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr int deepest_payload = 16;

/// Removes `prefix` and the following slash; nothing if `text` is not below it.
std::optional<std::string_view> below(std::string_view text, std::string_view prefix) {
    if (text.size() <= prefix.size() + 1 || !text.starts_with(prefix) || text[prefix.size()] != '/') {
        return std::nullopt;
    }
    return text.substr(prefix.size() + 1);
}

/// null if it is not a JSON object within the limits for foreign JSON.
OrderedJson parse_object(std::string_view payload) {
    auto message = read::ordered_json(payload);
    return message && message->is_object() ? *std::move(message) : OrderedJson(nullptr);
}

/// Visits every topic in a message.
class TopicCheck {
  public:
    explicit TopicCheck(std::string_view base) : base_(base) {}

    /// True if there are topics and all of them are below the base.
    [[nodiscard]] bool passes(const OrderedJson& message) { return passes(message, 0) && seen_; }

  private:
    [[nodiscard]] bool passes(const OrderedJson& node, int depth) {
        if (depth > deepest_payload) {
            return false;
        }
        if (node.is_object()) {
            const auto items = node.items();
            return std::all_of(items.begin(), items.end(), [this, depth](const auto& item) {
                return key_passes(item.key(), item.value()) && passes(item.value(), depth + 1);
            });
        }
        return !node.is_array() || std::ranges::all_of(node, [this, depth](const OrderedJson& element) {
            return passes(element, depth + 1);
        });
    }

    [[nodiscard]] bool key_passes(std::string_view key, const OrderedJson& value) {
        // "~" and the short forms of topics ("stat_t", "t") are never written by this gateway.
        if (key == "~" || key == "t" || key.ends_with("_t")) {
            return false;
        }
        if (!key.ends_with("topic")) {
            return true;
        }
        seen_ = true;
        const auto* topic = value.get_ptr<const std::string*>();
        return topic != nullptr && below(*topic, base_).has_value();
    }

    std::string_view base_;
    bool seen_ = false;
};

/// The only device identifier of a message; empty if there is none or more than one.
std::string_view identifier_of(const OrderedJson& message) {
    const OrderedJson* device = read::member(&message, "device");
    const OrderedJson* list = read::member(device, "identifiers");
    if (list == nullptr || !list->is_array() || list->size() != 1) {
        return {};
    }
    const auto* text = list->front().get_ptr<const std::string*>();
    return text == nullptr ? std::string_view{} : std::string_view{*text};
}

/// `id` is `stem`, or `stem` with a suffix.
bool extends(std::string_view id, std::string_view stem) {
    return id.starts_with(stem) && (id.size() == stem.size() || id[stem.size()] == '_');
}

/// The known serial that an identifier "bambu2mqtt_<SERIAL>..." names, or nullptr.
const std::string* serial_in(std::string_view identifier, std::span<const std::string> known_serials) {
    if (!identifier.starts_with(identifier_prefix)) {
        return nullptr;
    }
    const std::string_view rest = identifier.substr(identifier_prefix.size());
    const auto found = std::ranges::find_if(known_serials, [rest](const std::string& serial) {
        return !serial.empty() && extends(rest, serial);
    });
    return found == known_serials.end() ? nullptr : &*found;
}

} // namespace

std::optional<DiscoveryTopic> parse_discovery_topic(std::string_view topic, std::string_view prefix) {
    constexpr std::string_view end = "/config";
    auto rest = below(topic, prefix);
    if (!rest || !rest->ends_with(end)) {
        return std::nullopt;
    }
    rest->remove_suffix(end.size());
    const std::size_t slash = rest->find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest->size()) {
        return std::nullopt;
    }
    const DiscoveryTopic parts{rest->substr(0, slash), rest->substr(slash + 1)};
    return std::ranges::count(parts.object_id, '/') > 1 ? std::nullopt : std::optional{parts};
}

std::optional<OwnDiscovery> own_discovery(std::string_view topic, std::string_view payload,
                                          const DiscoverySettings& settings,
                                          std::span<const std::string> known_serials) {
    const auto parts = parse_discovery_topic(topic, settings.prefix);
    if (!parts || !parts->object_id.starts_with(identifier_prefix)) {
        return std::nullopt;
    }
    const OrderedJson message = parse_object(payload);
    const std::string_view identifier = identifier_of(message);
    const OrderedJson* origin = read::member(&message, "origin");
    if (origin == nullptr || read::text_member(*origin, "name") != origin_name || identifier.empty()) {
        return std::nullopt;
    }
    OwnDiscovery own;
    std::string stem = bridge_identifier(settings.base_topic);
    if (identifier != stem) {
        const std::string* serial = serial_in(identifier, known_serials);
        if (serial == nullptr) {
            return std::nullopt;
        }
        own.serial = *serial;
        stem = device_identifier(*serial, {});
    }
    own.identifier = identifier;
    own.device_form = parts->is_device_form();
    const bool fits = own.device_form ? parts->object_id == identifier : extends(parts->object_id, stem);
    if (!fits || !TopicCheck{settings.base_topic}.passes(message)) {
        return std::nullopt;
    }
    return own;
}

std::vector<AnnouncedComponent> announced_components(std::string_view payload) {
    std::vector<AnnouncedComponent> found;
    const OrderedJson message = parse_object(payload);
    const OrderedJson* components = read::member(&message, "components");
    if (components == nullptr || !components->is_object()) {
        return found;
    }
    for (const auto& item : components->items()) {
        const std::string_view platform = read::text_member(item.value(), "platform");
        if (!platform.empty()) {
            found.emplace_back(item.key(), platform);
        }
    }
    return found;
}

std::vector<AnnouncedComponent> removed_components(std::span<const AnnouncedComponent> before,
                                                   std::span<const AnnouncedComponent> now) {
    std::vector<AnnouncedComponent> sorted{now.begin(), now.end()};
    std::ranges::sort(sorted);
    std::vector<AnnouncedComponent> removed;
    std::ranges::copy_if(before, std::back_inserter(removed), [&sorted](const AnnouncedComponent& component) {
        return !std::ranges::binary_search(sorted, component);
    });
    return removed;
}

std::optional<std::string> removal_form(std::string_view payload,
                                        std::span<const AnnouncedComponent> removed) {
    OrderedJson message = parse_object(payload);
    const OrderedJson* components = read::member(&message, "components");
    if (components == nullptr || !components->is_object()) {
        return std::nullopt;
    }
    for (const auto& component : removed) {
        message["components"][component.first] = OrderedJson::object({{"platform", component.second}});
    }
    return json_text(message);
}

Migration migration(std::string_view old_topic) {
    // The first message is not retained: if the gateway ends between the two, the old discovery message is
    // still there, is recognised at the next start, and the migration is repeated.
    return {.start = {std::string{old_topic}, R"({"migrate_discovery":true})", false},
            .finish = {std::string{old_topic}, {}, true}};
}

bool owns_state_topic(std::string_view topic, std::string_view base,
                      std::span<const std::string> printer_ids) {
    const auto rest = below(topic, base);
    const std::size_t slash = rest ? rest->find('/') : std::string_view::npos;
    if (slash == std::string_view::npos) {
        return false;
    }
    const std::string_view owner = rest->substr(0, slash);
    const std::string_view name = rest->substr(slash + 1);
    if (owner == "bridge") {
        return name == "state" || name == "info" || name == "health";
    }
    if (std::ranges::find(printer_ids, owner) == printer_ids.end()) {
        return false;
    }
    constexpr auto others = std::to_array<std::string_view>({"command", "raw", "event", "response"});
    const std::string_view entity = name.substr(0, name.find('/'));
    if (entity.empty() || std::ranges::find(others, entity) != others.end()) {
        return false;
    }
    const std::string_view detail = name.substr(entity.size());
    return detail.empty() || detail == "/attributes" || detail == "/availability" || detail == "/latest";
}

} // namespace bambu2mqtt
