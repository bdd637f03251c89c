// The edges of all printers: the link and the workers of each, and who listens for announcements.
#pragma once

#include "cli/features.hpp"
#include <bambu2mqtt/config/config_change.hpp>
#include <bambu2mqtt/io/ssdp/ssdp_listener.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/port/printer_port.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// What a gateway uses in place of printers.
struct PrinterSource {
    /// The connection of a printer by its target; empty: to real printers.
    std::function<std::unique_ptr<PrinterPort>(std::size_t target, EventQueue& events)> port{};
    std::string no_work{};      ///< why features cannot work; empty: they can
    bool clears_topics = false; ///< stop() removes every retained message of this run from the broker
};

/// One printer. Its configuration may be changed between calls.
struct PrinterEdge {
    PrinterEdge(std::size_t target, const PrinterConfig& printer, const FilesConfig& files,
                const PrinterSource& source, EventQueue& events, LinkServices& services);

    PrinterConfig config;
    unsigned generation = 0; ///< of what its connection depends on
    unsigned seed = 0;
    std::unique_ptr<PrinterPort> link;
    FeatureWorkers workers;
};

/// Each has a target of its own for its events, which no other gets while the gateway runs. Core thread.
class PrinterEdges {
  public:
    /// All references outlive it. `files` may be changed between calls.
    PrinterEdges(const std::vector<PrinterConfig>& printers, const FilesConfig& files,
                 const PrinterSource& source, EventQueue& events, LinkServices& services);

    /// Makes those of new printers, and changes the others: a printer that needs a new connection gets
    /// another generation.
    void configure(const ConfigChange& change);

    /// Afterwards, and after the effects of the change: the links of printers that are configured no longer
    /// end. Their work, which was cancelled, ends with work_done(): nothing waits for it.
    void retire();

    /// Work of a printer has ended: WorkDone was handled.
    void work_done(std::size_t target);

    /// Null for a target that is used no longer.
    [[nodiscard]] PrinterEdge* find(std::size_t target) const;

    /// Of configured printers, by serial.
    [[nodiscard]] const std::map<std::string, std::size_t>& targets() const noexcept { return targets_; }

    /// The target of a configured printer.
    [[nodiscard]] std::size_t target_of(const std::string& serial) const { return targets_.at(serial); }

  private:
    void add(const PrinterConfig& printer);
    [[nodiscard]] std::map<std::string, std::size_t> followed() const;

    const FilesConfig& files_;
    const PrinterSource& source_;
    EventQueue& events_;
    LinkServices& services_;
    std::random_device random_;
    std::size_t next_target_ = 0;
    std::map<std::size_t, std::unique_ptr<PrinterEdge>> edges_; ///< by target
    std::map<std::string, std::size_t> targets_;                ///< of configured printers, by serial
    SsdpListener announcements_;
};

} // namespace bambu2mqtt
