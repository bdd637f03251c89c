// When a new broker session has seen all retained messages of earlier runs.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// After subscribing the bridge publishes a marker and receives it through its own subscription. A broker
/// that keeps the order (Mosquitto) delivers the retained messages first, so all of them have been received
/// when the marker arrives. MQTT does not guarantee that: the marker only counts if at least one retained
/// message arrived before it and none shortly after it. Otherwise, or if the marker does not arrive (access
/// rights), the wait ends after half a second without a retained message, and after half a minute in any
/// case.
class RetainedWait {
  public:
    /// The subscriptions are made now. `marker`: the payload by which this session's marker is known.
    void begin(std::string marker, Instant now);

    [[nodiscard]] const std::string& marker() const noexcept { return marker_; }

    void retained_arrived(Instant now);

    /// A message on the marker's topic; if its payload is not that of begin() it comes from another client.
    void marker_arrived(std::string_view payload, Instant now);

    [[nodiscard]] bool over(Instant now) const { return now >= deadline(); }

    /// When over() becomes true if no further message arrives.
    [[nodiscard]] Instant deadline() const;

  private:
    std::string marker_;
    Instant begun_{};
    Instant last_{}; ///< retained message, or begun_
    bool any_ = false;
    std::optional<Instant> marker_at_; ///< while it counts
};

} // namespace bambu2mqtt
