// The part of the configuration that the session of one printer needs.
#pragma once

#include <bambu2mqtt/gateway/session_feature.hpp>
#include <bambu2mqtt/homeassistant/discovery.hpp>
#include <bambu2mqtt/printer/model.hpp>
#include <bambu2mqtt/topic/response_topic.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

struct SessionSettings {
    std::size_t index = 0;   ///< target of the printer's events; of no other printer while the gateway runs
    unsigned generation = 0; ///< of what its connection depends on: another one needs a new connection
    PrinterNames names{};
    std::vector<std::string> groups{}; ///< without the group of all printers
    std::optional<Model> model{};
    std::string host{};         ///< name or address; empty: from its announcements
    bool follows = true;        ///< whether announcements, and addresses learned from them, are used
    bool first_contact = false; ///< no certificate is pinned yet, and the first one will be: see AddressBook
    std::optional<ControlLevel> allow{}; ///< instead of that of the bridge's policy
    double usage_hours = 0;
    std::string url_scheme{};              ///< "ftp", "sdcard", or empty for the model's default
    bool announce = true;                  ///< home_assistant.enabled
    DiscoverySettings discovery{};         ///< its policy applies to commands
    ResponseTopics responses{};            ///< allowed response topics of senders
    std::vector<std::string> former_ids{}; ///< ids under which earlier runs may have published this printer
    std::vector<FeatureEntry> features{};  ///< the features of its session
    std::size_t sharers = 1;               ///< printers that share the memory for what waits for the broker
    unsigned seed = 1;                     ///< spreads retries and discovery of many printers
    bool operator==(const SessionSettings&) const = default;
};

} // namespace bambu2mqtt
