// Keeps Home Assistant's discovery messages of one printer in step with what the printer has.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/homeassistant/discovery.hpp>
#include <bambu2mqtt/homeassistant/retained_cleanup.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// Devices are announced one by one, when the broker takes a message: nothing large is kept.
class Announcer {
  public:
    Announcer(const PrinterNames& names, const Templates& templates, const DiscoverySettings& settings)
        : names_(names), templates_(templates), settings_(settings) {}

    /// Retained discovery messages of this printer that were found on the broker. What was still to be sent
    /// is called off: a review follows.
    void found(std::vector<Message> messages);

    /// What another announcer of the same printer has announced counts as this one's.
    void take_over(Announcer& former) { known_ = std::move(former.known_); }

    /// What the printer has may have changed, or the broker may have lost it: look at every device again.
    /// `again`: send also what has not changed.
    void review(const Layout& layout, bool again);

    /// Everything again at that moment (Home Assistant has started).
    void review_at(Instant moment) { review_at_ = moment; }

    [[nodiscard]] std::optional<Instant> review_due() const { return review_at_; }

    /// The next discovery message; `complete`: absence of entities is real, so that they may be taken back.
    /// `changed` is set when a device's message is another than before.
    [[nodiscard]] std::optional<Message> next(const Facts& facts, const Layout& layout, bool complete,
                                              bool& changed);

    /// Whether next() has something to look at.
    [[nodiscard]] bool busy() const { return !ready_.empty() || !waiting_.empty() || settling_; }

    /// The state is whole: once every device has been looked at, what was found on the broker and is not
    /// announced is cleared.
    void remove_stale_topics(const Layout& layout);

    /// The gateway stops: no device is begun any more. What has been begun is brought to its end, a reduced
    /// form must not stay.
    void cancel();

  private:
    struct Known {
        std::size_t hash = 0;
        std::vector<AnnouncedComponent> components{};
        std::vector<std::string> topics{};
    };

    void announce(const DeviceKey& device, const Facts& facts, const Layout& layout, bool complete,
                  bool& changed);
    [[nodiscard]] std::vector<Message> begin_migration(const std::string& identifier);
    void sweep(const Layout& layout);

    PrinterNames names_;
    const Templates& templates_;
    DiscoverySettings settings_;
    std::deque<DeviceKey> waiting_;
    std::deque<Message> ready_;
    std::map<std::string, Known> known_;       ///< by device identifier
    std::map<std::string, std::string> found_; ///< topics of earlier runs, and the identifier of their device
    std::optional<Instant> review_at_;
    bool again_ = false;
    bool settling_ = false;
};

} // namespace bambu2mqtt
