// When a new broker session has seen all retained messages of earlier runs.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// After subscribing the bridge publishes a marker that comes back to it. A broker that keeps the order
/// (Mosquitto) hands out the retained messages before it, so all have come when the marker does. MQTT does
/// not promise that: the marker counts only where at least one retained message came before it and none in
/// the moment after it. Else, as when it does not come (access rights), half a second of silence has to do,
/// and half a minute in any case.
class RetainedWait {
  public:
    /// The subscriptions are made now. `marker`: the payload by which this session's marker is known.
    void begin(std::string marker, Instant now);

    [[nodiscard]] const std::string& marker() const noexcept { return marker_; }

    void retained_arrived(Instant now);

    /// A message on the marker's topic; another payload than that of begin() is somebody else's.
    void marker_arrived(std::string_view payload, Instant now);

    [[nodiscard]] bool over(Instant now) const { return now >= deadline(); }

    /// When over() becomes true if nothing more comes.
    [[nodiscard]] Instant deadline() const;

  private:
    std::string marker_;
    Instant begun_{};
    Instant last_{}; ///< retained message, or begun_
    bool any_ = false;
    std::optional<Instant> marker_at_; ///< while it counts
};

} // namespace bambu2mqtt
