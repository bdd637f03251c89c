#include "cli/reload.hpp"

#include <bambu2mqtt/io/disk/state_files.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <array>
#include <string_view>

namespace bambu2mqtt {

bool awaits_first_contact(const PrinterConfig& printer, TrustStore& trust) {
    return printer.tls == TlsMode::pin && !trust.get(printer.serial);
}

ReadConfig read_memories(Config config, const StateFiles& files, TrustStore& trust) {
    ReadConfig read{.config = std::move(config)};
    for (const auto& printer : read.config.printers) {
        read.memories[printer.serial] = {.first_contact = awaits_first_contact(printer, trust),
                                         .saved = files.load(printer.serial)};
    }
    return read;
}

ReloadResult result_of(const ConfigChange& change) {
    ReloadResult result{.restart = change.restart, .applied = change.applied};
    for (const auto& printer : change.removed) {
        result.removed.push_back(printer.id);
    }
    for (std::size_t i = 0; i < change.printers.size(); ++i) {
        const auto& id = change.config.printers[i].id;
        switch (change.printers[i]) {
        case PrinterChange::none:
            break;
        case PrinterChange::added:
            result.added.push_back(id);
            break;
        case PrinterChange::settings:
            result.changed.push_back(id);
            break;
        case PrinterChange::reconnects:
            result.reconnected.push_back(id);
            break;
        }
    }
    return result;
}

std::string json_of(const ReloadResult& result) {
    if (!result.errors.empty()) {
        return json_text(OrderedJson{{"errors", result.errors}});
    }
    return json_text(OrderedJson{{"applied", result.applied},
                                 {"added", result.added},
                                 {"removed", result.removed},
                                 {"changed", result.changed},
                                 {"reconnected", result.reconnected},
                                 {"restart", result.restart}});
}

std::string in_words(const ReloadResult& result) {
    if (!result.errors.empty()) {
        return fmt::format("{} problem(s), nothing is changed", result.errors.size());
    }
    const std::array parts{std::pair{std::string_view{"applied"}, &ReloadResult::applied},
                           std::pair{std::string_view{"added"}, &ReloadResult::added},
                           std::pair{std::string_view{"removed"}, &ReloadResult::removed},
                           std::pair{std::string_view{"changed"}, &ReloadResult::changed},
                           std::pair{std::string_view{"connected again"}, &ReloadResult::reconnected}};
    std::string text;
    for (const auto& part : parts) {
        const auto& names = result.*part.second;
        if (!names.empty()) {
            text += fmt::format("{}{} {}", text.empty() ? "" : "; ", part.first, fmt::join(names, ", "));
        }
    }
    return text.empty() ? "nothing has changed" : text;
}

} // namespace bambu2mqtt
