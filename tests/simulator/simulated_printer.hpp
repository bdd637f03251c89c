#pragma once
// A printer that lives and is spoken to: a machine that takes requests. Knows which requests there are, not
// how the machine does them.

#include "simulator/machine.hpp"
#include "simulator/printer.hpp"
#include "simulator/replies.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bambu2mqtt::simulator {

using SimulatedPrinterOptions = MachineOptions;

/// A message from the request topic, readable or not.
struct ReceivedRequest {
    std::string payload{};
    Uptime time{0};
    int session = 0; ///< the printer's newest MQTT session then, from 1; 0 when none was known
};

/// See the top of the file.
class SimulatedPrinter final : public Printer, public Machine {
  public:
    /// What a request does and what is answered to it; an empty list is silence.
    using Handler = std::function<std::vector<std::string>(SimulatedPrinter&, const Request&)>;

    explicit SimulatedPrinter(SimulatedPrinterOptions options);

    [[nodiscard]] const std::string& serial() const override { return options().serial; }

    [[nodiscard]] std::chrono::milliseconds report_interval() const override {
        return options().report_interval;
    }

    [[nodiscard]] std::vector<std::string> advance(Uptime now) override { return live_until(now); }

    [[nodiscard]] Reaction answer(std::string_view request, Uptime now) override;
    [[nodiscard]] Reaction connected(int session, Uptime now) override;

    /// All requests so far in order, at most the first 100,000.
    [[nodiscard]] const std::vector<ReceivedRequest>& requests() const { return requests_; }

    /// The bodies of the requests of that name, "print.pause", with `command` and `sequence_id`.
    [[nodiscard]] std::vector<nlohmann::json> requests(const std::string& name) const;

    /// Sets or replaces what a request ("print.pause") does. At first only pushing.pushall, info.get_version
    /// and system.ledctrl are answered; everything else meets silence.
    void on(const std::string& request, Handler handler) { handlers_[request] = std::move(handler); }

  private:
    std::map<std::string, Handler> handlers_;
    std::vector<ReceivedRequest> requests_;
    int session_ = 0;
};

} // namespace bambu2mqtt::simulator
