#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace bambu2mqtt {

namespace {

constexpr int deepest_template = 10;

/// Device triggers are not entities: they have neither unique id nor state.
constexpr std::string_view trigger_form = "device_automation.json";

// The root of a device message, its device and its origin are closed: an additional key makes Home Assistant
// refuse the whole message with all its components.
constexpr auto root_keys = std::to_array<std::string_view>(
    {"device", "origin", "components", "availability", "availability_mode", "availability_template",
     "availability_topic", "payload_available", "payload_not_available", "command_topic", "state_topic",
     "qos", "encoding"});
constexpr auto device_keys = std::to_array<std::string_view>(
    {"identifiers", "connections", "name", "manufacturer", "model", "model_id", "hw_version", "sw_version",
     "serial_number", "via_device", "suggested_area", "configuration_url"});
constexpr auto origin_keys = std::to_array<std::string_view>({"name", "sw_version", "support_url"});

// Keys of a component that are set by the gateway.
constexpr auto gateway_keys = std::to_array<std::string_view>({"platform", "device", "origin"});

/// The state of checking one file.
struct Check {
    std::string_view file;
    std::vector<Error>& problems;

    void complain(Problem problem, std::string_view pointer, std::string_view what) const {
        const std::string_view place = pointer.empty() ? "/" : pointer;
        problems.push_back({problem, fmt::format("{}: {}: {}", file, place, what)});
    }
};

/// Finds problems that the JSON parser accepts: duplicate keys, and depth.
class Watcher {
  public:
    explicit Watcher(const Check& check) : check_(check) {}

    bool operator()(int depth, OrderedJson::parse_event_t event, const OrderedJson& parsed) {
        using Event = OrderedJson::parse_event_t;
        if (event == Event::object_start) {
            keys_.emplace_back();
        } else if (event == Event::object_end) {
            keys_.pop_back();
        } else if (event == Event::key && !keys_.empty()) {
            note_key(parsed.get_ref<const std::string&>());
        }
        const bool starts = event == Event::object_start || event == Event::array_start;
        if (starts && depth >= deepest_template && !too_deep_) {
            too_deep_ = true;
            check_.complain(Problem::malformed, {},
                            fmt::format("nested deeper than {} levels", deepest_template));
        }
        return !too_deep_;
    }

  private:
    void note_key(const std::string& key) {
        if (!keys_.back().insert(key).second) {
            check_.complain(Problem::malformed, {},
                            fmt::format("key \"{}\" appears twice in one object", key));
        }
    }

    const Check& check_;
    std::vector<std::set<std::string>> keys_;
    bool too_deep_ = false;
};

/// "3:7" for byte offset `byte`, counted from 1 like the parser.
std::string line_and_column(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
    const auto line = std::ranges::count(before, '\n') + 1;
    const std::size_t start = before.rfind('\n');
    const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
    return fmt::format("{}:{}", line, column);
}

/// The JSON of `text`; null after a problem was reported.
OrderedJson parse_json(std::string_view text, const Check& check) {
    Watcher watcher{check};
    const auto watch = [&watcher](int depth, OrderedJson::parse_event_t event, OrderedJson& parsed) {
        return watcher(depth, event, parsed);
    };
    try {
        return OrderedJson::parse(text.begin(), text.end(), watch);
    } catch (const OrderedJson::parse_error& error) {
        check.problems.push_back({Problem::malformed, fmt::format("{}:{}: expected valid JSON", check.file,
                                                                  line_and_column(text, error.byte))});
    } catch (const OrderedJson::exception&) {
        check.complain(Problem::malformed, {}, "expected numbers that fit into 64 bits");
    }
    return nullptr;
}

/// One step of a JSON pointer (RFC 6901).
std::string step(std::string_view pointer, std::string_view key) {
    std::string out = fmt::format("{}/", pointer);
    for (const char c : key) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return out;
}

void check_text(std::string_view text, std::string_view pointer, bool component_names, const Check& check) {
    for (auto use = next_placeholder(text, 0); use.begin != std::string_view::npos;
         use = next_placeholder(text, use.end)) {
        if (use.end == std::string_view::npos) {
            check.complain(Problem::malformed, pointer, "expected } after ${");
            return;
        }
        const Placeholder* placeholder = find_placeholder(use.name);
        if (placeholder == nullptr) {
            check.complain(Problem::unknown, pointer, fmt::format("unknown placeholder ${{{}}}", use.name));
        } else if (!component_names && placeholder->scope == PlaceholderScope::component) {
            check.complain(
                Problem::unknown, pointer,
                fmt::format("placeholder ${{{}}} belongs to a component and has no value here", use.name));
        }
    }
}

void check_placeholders(const OrderedJson& node, const std::string& pointer, bool component_names,
                        const Check& check) {
    if (const auto* text = node.get_ptr<const std::string*>()) {
        check_text(*text, pointer, component_names, check);
    } else if (node.is_object()) {
        for (const auto& item : node.items()) {
            const std::string below = step(pointer, item.key());
            if (item.key().find("${") != std::string::npos) {
                check.complain(Problem::malformed, below, "placeholders are allowed in values, not in keys");
            }
            check_placeholders(item.value(), below, component_names, check);
        }
    } else if (node.is_array()) {
        for (std::size_t i = 0; i < node.size(); ++i) {
            check_placeholders(node[i], fmt::format("{}/{}", pointer, i), component_names, check);
        }
    }
}

/// `key` of the object at `pointer` must be exactly `expected`.
void require(const OrderedJson& object, std::string_view pointer, std::string_view key,
             const OrderedJson& expected, const Check& check) {
    const auto found = object.find(key);
    if (found == object.end() || *found != expected) {
        check.complain(Problem::malformed, step(pointer, key), fmt::format("expected {}", expected.dump()));
    }
}

void check_closed(const OrderedJson& object, const std::string& pointer,
                  std::span<const std::string_view> known, const Check& check) {
    for (const auto& item : object.items()) {
        if (std::ranges::find(known, item.key()) == known.end()) {
            check.complain(Problem::unknown, step(pointer, item.key()),
                           "unknown key, for which Home Assistant would refuse the whole device");
        }
    }
}

/// The closed object `name` of the root, or nullptr after a problem was reported.
const OrderedJson* checked_block(const OrderedJson& root, std::string_view name,
                                 std::span<const std::string_view> known, const Check& check) {
    const auto block = root.find(name);
    if (block == root.end() || !block->is_object()) {
        check.complain(Problem::malformed, step({}, name), "expected an object");
        return nullptr;
    }
    check_closed(*block, step({}, name), known, check);
    return &*block;
}

void check_device(const OrderedJson& root, const Check& check) {
    check_closed(root, {}, root_keys, check);
    const OrderedJson* device = checked_block(root, "device", device_keys, check);
    const OrderedJson* origin = checked_block(root, "origin", origin_keys, check);
    // The gateway recognises its own messages by identifier and origin; without them it could not remove
    // them.
    if (device != nullptr) {
        require(*device, "/device", "identifiers", OrderedJson::array({"${identifier}"}), check);
    }
    if (origin != nullptr) {
        require(*origin, "/origin", "name", origin_name, check);
    }
    require(root, {}, "components", "${components}", check);
}

void check_component(const OrderedJson& root, bool is_patch, const Check& check) {
    for (const std::string_view key : gateway_keys) {
        if (root.contains(key)) {
            check.complain(Problem::malformed, step({}, key), "is set by the gateway and cannot be set here");
        }
    }
    if (!is_patch && check.file != trigger_form) {
        require(root, {}, "unique_id", "${unique_id}", check);
    } else if (root.contains("unique_id")) {
        check.complain(Problem::malformed, "/unique_id", "is set by the gateway and cannot be set here");
    }
    const bool has_topic =
        root.contains("state_topic") || root.contains("command_topic") || check.file == trigger_form;
    if (!is_patch && !has_topic) {
        check.complain(Problem::malformed, "/state_topic", "expected a topic");
    }
}

} // namespace

OrderedJson check_template(std::string_view text, std::string_view file, bool is_patch,
                           std::vector<Error>& problems) {
    const std::size_t before = problems.size();
    const Check check{file, problems};
    OrderedJson root = parse_json(text, check);
    if (problems.size() != before) {
        return nullptr;
    }
    if (!root.is_object()) {
        check.complain(Problem::malformed, {}, "expected an object");
        return nullptr;
    }
    const bool is_device = !is_patch && file == "device.json";
    check_placeholders(root, {}, !is_device, check);
    if (is_device) {
        check_device(root, check);
    } else {
        check_component(root, is_patch, check);
    }
    return problems.size() == before ? std::move(root) : OrderedJson(nullptr);
}

expected<OrderedJson, Error> parse_template(std::string_view text, std::string_view file, bool is_patch) {
    std::vector<Error> problems;
    OrderedJson root = check_template(text, file, is_patch, problems);
    if (!problems.empty()) {
        return unexpected(std::move(problems.front()));
    }
    return root;
}

} // namespace bambu2mqtt
