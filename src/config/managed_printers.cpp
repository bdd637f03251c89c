#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/config/config_draft.hpp>
#include <bambu2mqtt/config/managed_printers.hpp>
#include <bambu2mqtt/printer/serial.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace bambu2mqtt {

namespace {

constexpr std::size_t id_digits = 6; // of a default id that another printer has, as in check_rules()

constexpr const char* managed_head =
    "# Printers that requests on bridge/request/printers have added. Written by the gateway.\n";

/// One key of a request, and where it goes.
struct ManagedKey {
    std::string_view name{};
    void (*store)(PrinterConfig& printer, const std::string& text) = nullptr; ///< null: no text
};

constexpr std::array managed_keys{
    ManagedKey{"serial", [](PrinterConfig&, const std::string&) {}}, // found by it
    ManagedKey{"host", [](PrinterConfig& printer, const std::string& text) { printer.host = text; }},
    ManagedKey{"access_code",
               [](PrinterConfig& printer, const std::string& text) { printer.access_code = Secret{text}; }},
    ManagedKey{"id", [](PrinterConfig& printer, const std::string& text) { printer.id = text; }},
    ManagedKey{"name", [](PrinterConfig& printer, const std::string& text) { printer.name = text; }},
    ManagedKey{"area", [](PrinterConfig& printer, const std::string& text) { printer.area = text; }},
    ManagedKey{"groups"},
};

bool names_environment(const Json& value) {
    if (value.is_array()) {
        return std::ranges::any_of(value, names_environment);
    }
    return value.is_string() && value.get_ref<const std::string&>().find("${") != std::string::npos;
}

std::string list_of_keys() {
    std::vector<std::string_view> names;
    std::ranges::transform(managed_keys, std::back_inserter(names), &ManagedKey::name);
    return one_of(names);
}

/// Whether every member of the request may be set by one.
expected<void, Refusal> check_keys(const Json& printer) {
    for (const auto& [key, value] : printer.items()) {
        if (!is_managed_key(key)) {
            return refuse(Code::not_allowed, fmt::format("found the key \"{}\", a request may set {}",
                                                         sanitize_for_log(key), list_of_keys()));
        }
        if (names_environment(value)) {
            return refuse(Code::not_allowed,
                          fmt::format("found \"${{\" in {}, requests cannot use the environment", key));
        }
    }
    return {};
}

expected<void, Refusal> store_values(const Json& values, PrinterConfig& printer) {
    for (const auto& key : managed_keys) {
        const auto found = values.find(key.name);
        if (found == values.end()) {
            continue;
        }
        if (key.store != nullptr) {
            if (!found->is_string()) {
                return refuse(Code::invalid_argument, fmt::format("{}: expected a text", key.name));
            }
            key.store(printer, found->get<std::string>());
        } else if (found->is_array() &&
                   std::ranges::all_of(*found, [](const Json& each) { return each.is_string(); })) {
            printer.groups = found->get<std::vector<std::string>>();
        } else {
            return refuse(Code::invalid_argument, fmt::format("{}: expected a list of texts", key.name));
        }
    }
    return {};
}

/// An id that no other printer has.
std::string free_id(const std::vector<PrinterConfig>& printers, const std::string& serial) {
    for (const auto& id : {default_printer_id(serial), default_printer_id(serial, id_digits)}) {
        if (std::ranges::find(printers, id, &PrinterConfig::id) == printers.end()) {
            return id;
        }
    }
    return default_printer_id(serial, serial.size());
}

} // namespace

bool is_managed_key(std::string_view key) {
    return std::ranges::find(managed_keys, key, &ManagedKey::name) != managed_keys.end();
}

expected<std::vector<PrinterConfig>, Refusal> managed_after(const Config& config, PrinterAction action,
                                                            const Json& printer) {
    if (const auto allowed = check_keys(printer); !allowed) {
        return unexpected(allowed.error());
    }
    const auto serial = read_serial(read::text_member(printer, "serial"));
    if (!serial) {
        return refuse(Code::invalid_argument, "serial: expected 8 to 24 letters and digits");
    }
    std::vector<PrinterConfig> managed;
    std::ranges::copy_if(config.printers, std::back_inserter(managed), &PrinterConfig::managed);
    auto own = std::ranges::find(managed, *serial, &PrinterConfig::serial);
    const bool is_known =
        std::ranges::find(config.printers, *serial, &PrinterConfig::serial) != config.printers.end();
    if (is_known && own == managed.end()) {
        return refuse(Code::conflict,
                      fmt::format("{} is in the configuration file, and is changed there alone", *serial));
    }
    if (is_known == (action == PrinterAction::add)) {
        return is_known ? refuse(Code::conflict,
                                 fmt::format("{} is there already; \"change\" changes it", *serial))
                        : refuse(Code::not_found, fmt::format("no request has added {}", *serial));
    }
    if (action == PrinterAction::remove) {
        managed.erase(own);
        return managed;
    }
    if (action == PrinterAction::add) {
        if (managed.size() >= most_managed_printers) {
            return refuse(Code::conflict, fmt::format("requests have added {} printers, and no more are kept",
                                                      most_managed_printers));
        }
        own = managed.insert(managed.end(), PrinterConfig{.serial = *serial, .managed = true});
    } else if (printer.contains("host") && !printer.contains("access_code")) {
        return refuse(Code::not_allowed,
                      "a new host needs access_code too: the present one is for the present host alone");
    }
    if (const auto stored = store_values(printer, *own); !stored) {
        return unexpected(stored.error());
    }
    if (own->id.empty()) {
        own->id = free_id(config.printers, *serial);
    }
    return managed;
}

std::string managed_text(const std::vector<PrinterConfig>& printers) {
    std::string text{managed_head};
    for (const auto& printer : printers) {
        text += "\n" + printer_text({.serial = printer.serial,
                                     .id = printer.id,
                                     .name = printer.name,
                                     .host = printer.host,
                                     .access_code = printer.access_code,
                                     .area = printer.area,
                                     .groups = printer.groups});
    }
    return text;
}

} // namespace bambu2mqtt
