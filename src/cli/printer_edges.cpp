#include "cli/printer_edges.hpp"

#include <bambu2mqtt/io/mqtt/printer_link.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

namespace bambu2mqtt {

PrinterEdge::PrinterEdge(std::size_t target, const PrinterConfig& printer, const FilesConfig& files,
                         const PrinterSource& source, EventQueue& events, LinkServices& services)
    : config(printer), link(source.port ? source.port(target, events)
                                        : std::make_unique<PrinterLink>(target, config, events, services)),
      workers(WorkerSetup{target, config, files, events, services}) {}

PrinterEdges::PrinterEdges(const std::vector<PrinterConfig>& printers, const FilesConfig& files,
                           const PrinterSource& source, EventQueue& events, LinkServices& services)
    : files_(files), source_(source), events_(events), services_(services),
      announcements_({}, ssdp_endpoints(), events,
                     [](const std::string& text) { spdlog::warn("announcements of printers: {}", text); }) {
    for (const auto& printer : printers) {
        add(printer);
    }
    announcements_.follow(followed());
}

void PrinterEdges::add(const PrinterConfig& printer) {
    const auto target = next_target_++;
    auto edge = std::make_unique<PrinterEdge>(target, printer, files_, source_, events_, services_);
    edge->seed = random_();
    edges_.emplace(target, std::move(edge));
    targets_[printer.serial] = target;
}

/// Printers whose announcements are used.
std::map<std::string, std::size_t> PrinterEdges::followed() const {
    std::map<std::string, std::size_t> targets;
    std::ranges::copy_if(targets_, std::inserter(targets, targets.end()), [this](const auto& printer) {
        return follows_announcements(edges_.at(printer.second)->config);
    });
    return targets;
}

void PrinterEdges::configure(const ConfigChange& change) {
    for (std::size_t i = 0; i < change.printers.size(); ++i) {
        const auto& printer = change.config.printers[i];
        if (change.printers[i] == PrinterChange::added) {
            add(printer);
            continue;
        }
        auto& edge = *edges_.at(targets_.at(printer.serial));
        edge.config = printer;
        edge.generation += change.printers[i] == PrinterChange::reconnects ? 1 : 0;
    }
    for (const auto& printer : change.removed) {
        targets_.erase(printer.serial);
    }
    announcements_.follow(followed());
}

void PrinterEdges::retire() {
    for (auto edge = edges_.begin(); edge != edges_.end();) {
        const auto target = targets_.find(edge->second->config.serial);
        const bool served = target != targets_.end() && target->second == edge->first;
        if (!served) {
            edge->second->link->disconnect();
        }
        edge = served || edge->second->workers.busy() ? std::next(edge) : edges_.erase(edge);
    }
}

void PrinterEdges::work_done(std::size_t target) {
    if (auto* const edge = find(target)) {
        edge->workers.ended();
        retire();
    }
}

PrinterEdge* PrinterEdges::find(std::size_t target) const {
    const auto found = edges_.find(target);
    return found == edges_.end() ? nullptr : found->second.get();
}

} // namespace bambu2mqtt
