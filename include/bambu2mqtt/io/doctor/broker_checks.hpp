// The checks of the user's broker: address, port, certificate, login, rights, Home Assistant.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/doctor/check.hpp>

namespace bambu2mqtt {

class LinkServices;

/// Connects with the configured login and the client id CLIENT_ID-doctor, without a last will, proves the
/// rights by a message to B/bridge/doctor and, with discovery, one without content to a discovery topic that
/// no device uses, each received through a subscription of its own, and disconnects. Nothing is published
/// retained. The first finding ends the checks that depend on it: they are left out. Takes at most about a
/// minute, usually less than a second.
void check_broker(const BrokerConfig& broker, const HomeAssistantConfig& home_assistant,
                  LinkServices& services, const CheckSink& sink);

} // namespace bambu2mqtt
