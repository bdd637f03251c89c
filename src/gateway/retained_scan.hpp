// The start of a broker session: collects the retained messages of earlier runs until all have arrived.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>
#include <bambu2mqtt/gateway/found_messages.hpp>
#include <bambu2mqtt/gateway/retained_wait.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <optional>
#include <string>

namespace bambu2mqtt {

/// Whose retained messages are looked for: of the printers in their order, and of former ones.
[[nodiscard]] FoundMessages look_for_own(const BridgeSettings& settings);

class RetainedScan {
  public:
    /// `settings` outlives it.
    explicit RetainedScan(const BridgeSettings& settings);

    /// The subscriptions to all our topics are made now.
    void begin(Instant now);

    /// The marker (see RetainedWait), to be published once after begin() and received through the same
    /// subscriptions.
    [[nodiscard]] std::optional<Message> next_marker();

    /// A message on one of these subscriptions.
    void take(const BrokerMessage& message, Instant now);

    [[nodiscard]] bool over(Instant now) const { return wait_.over(now); }

    /// When next_marker() has a message, or over() becomes true if no further message arrives.
    [[nodiscard]] Instant deadline() const { return marker_due_ ? Instant{} : wait_.deadline(); }

    /// What has been found since begin().
    [[nodiscard]] FoundMessages::Found found() { return found_.found(); }

  private:
    const BridgeSettings& settings_;
    std::string marker_topic_;
    FoundMessages found_;
    RetainedWait wait_;
    bool marker_due_ = false;
    unsigned markers_ = 0; ///< one per broker session
};

} // namespace bambu2mqtt
