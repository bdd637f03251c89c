#include "cli/bridge_setup.hpp"

#include <bambu2mqtt/io/disk/state_files.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <random>

namespace bambu2mqtt {

namespace {

std::vector<FormerPrinter> former_printers(const Config& config, const StateFiles& files) {
    auto printers = files.remembered();
    std::erase_if(printers, [&](const FormerPrinter& former) {
        return std::ranges::any_of(config.printers, [&](const PrinterConfig& printer) {
            return printer.serial == former.serial && printer.id == former.id;
        });
    });
    return printers;
}

/// A pin that does not name its printer: only the command pin with --force creates one.
void warn_of_forced_pins(const Config& config, TrustStore& trust) {
    for (const auto& printer : config.printers) {
        const auto pin = printer.tls == TlsMode::pin ? trust.get(printer.serial) : std::nullopt;
        if (pin && pin->common_name != printer.serial) {
            spdlog::warn(
                "{}: the pinned certificate is for '{}' and not for the serial; it is trusted because "
                "this was forced by a user",
                printer.id, printable_name(pin->common_name));
        }
    }
}

} // namespace

BridgeSettings bridge_settings(const Config& config, const PrinterMemories& memories,
                               const PrinterEdges& edges) {
    BridgeSettings settings{
        .discovery = {.prefix = config.home_assistant.discovery_prefix,
                      .base_topic = config.broker.base_topic,
                      .per_component = config.home_assistant.discovery == DiscoveryForm::component,
                      .policy = {.allow = config.control.allow,
                                 .raw_commands = config.control.raw_commands,
                                 .raw_topics = config.control.raw_topics,
                                 .trust_commands = config.control.trust_commands,
                                 .inline_limit = config.files.inline_limit,
                                 .files_directory =
                                     std::filesystem::absolute(config.files.directory).lexically_normal()},
                      .language = config.texts.language},
        .announce = config.home_assistant.enabled,
        .status_topic = config.home_assistant.status_topic,
        .response_topics = config.broker.response_topics,
        .client_id = config.broker.client_id,
        .log_level = config.log.level,
        .manage_printers = config.control.manage_printers,
        .broker_nodes = config.broker.nodes(),
        .features = session_features(),
        .seed = std::random_device{}()};
    for (const auto& printer : config.printers) {
        const auto target = edges.target_of(printer.serial);
        const auto& edge = *edges.find(target);
        const auto memory = memories.find(printer.serial);
        settings.printers.push_back(
            SessionSettings{.index = target,
                            .generation = edge.generation,
                            .names = {printer.serial, printer.id, printer.name, printer.area},
                            .groups = printer.groups,
                            .model = printer.model,
                            .host = printer.host,
                            .follows = follows_announcements(printer),
                            .first_contact = memory != memories.end() && memory->second.first_contact,
                            .allow = printer.allow,
                            .usage_hours = printer.usage_hours,
                            .url_scheme = printer.url_scheme,
                            .seed = edge.seed});
    }
    return settings;
}

BridgeSettings first_settings(const Config& config, const PrinterEdges& edges, const StateFiles& files,
                              TrustStore& trust) {
    warn_of_forced_pins(config, trust);
    PrinterMemories memories;
    for (const auto& printer : config.printers) {
        memories[printer.serial].first_contact = awaits_first_contact(printer, trust);
    }
    auto settings = bridge_settings(config, memories, edges);
    settings.former = former_printers(config, files);
    return settings;
}

std::vector<Json> saved_states(const Config& config, const StateFiles& files) {
    std::vector<Json> saved;
    std::ranges::transform(config.printers, std::back_inserter(saved),
                           [&](const PrinterConfig& printer) { return files.load(printer.serial); });
    return saved;
}

} // namespace bambu2mqtt
