// Keeps Home Assistant's discovery messages of one printer up to date with its entities.
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

/// Devices are published one by one, when the broker accepts a message: no large messages are stored.
class Announcer {
  public:
    Announcer(const PrinterNames& names, const Templates& templates, const DiscoverySettings& settings)
        : names_(names), templates_(templates), settings_(settings) {}

    /// Other names, or other settings. A review follows.
    void configure(const PrinterNames& names, const DiscoverySettings& settings) {
        names_ = names;
        settings_ = settings;
    }

    /// Topics of this printer's discovery messages that may be on the broker.
    [[nodiscard]] std::vector<std::string> topics() const;

    /// Retained discovery messages of this printer that were found on the broker. Cancels pending messages: a
    /// review follows.
    void found(std::vector<Message> messages);

    /// Takes over the published messages of another publisher for the same printer.
    void take_over(Announcer& former) { known_ = std::move(former.known_); }

    /// The printer's entities may have changed, or the broker may have lost messages: checks every device
    /// again. `again`: sends unchanged messages as well.
    void review(const Layout& layout, bool again);

    /// Publishes everything again at that time (Home Assistant has started).
    void review_at(Instant moment) { review_at_ = moment; }

    [[nodiscard]] std::optional<Instant> review_due() const { return review_at_; }

    /// The next discovery message; `complete`: missing entities are really absent, so that they may be
    /// removed. `changed` is set when a device's message differs from the previous one.
    [[nodiscard]] std::optional<Message> next(const Facts& facts, const Layout& layout, bool complete,
                                              bool& changed);

    /// True if next() has work to do.
    [[nodiscard]] bool busy() const { return !ready_.empty() || !waiting_.empty() || settling_; }

    /// The state is complete: once every device has been checked, messages found on the broker that are not
    /// published any more are cleared.
    void remove_stale_topics(const Layout& layout);

    /// Shutdown: no further device is started. A started one is finished, as a reduced message must not stay.
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
