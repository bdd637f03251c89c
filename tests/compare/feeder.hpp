#pragma once
// Lets all printers of all contenders report at their rate, in turn: one client for each printer-side broker.

#include "compare/contender.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct mosquitto;

namespace bambu2mqtt::compare {

/// Publishes reports as printers do: nine of ten are partial (layer, remaining time, nozzle temperature,
/// signal, about 130 bytes), each tenth is full (about 12 kB). Reports of a printer come at equal distances;
/// those of printers and contenders lie between each other.
class Feeder {
  public:
    /// `rate`: reports per second and printer. Throws std::runtime_error if a printer-side broker does not
    /// answer or a printer does not report its state within ten seconds.
    Feeder(std::vector<Contender*> contenders, double rate);
    ~Feeder();
    Feeder(const Feeder&) = delete;
    Feeder& operator=(const Feeder&) = delete;

    /// Reports until this moment.
    void run_until(Clock::time_point end);

    /// Keeps its connections and reports nothing until then; the next report is the one that is due after it.
    void rest_until(Clock::time_point end);

    /// How late the latest report was since forget_lateness().
    [[nodiscard]] std::chrono::nanoseconds most_late() const { return most_late_; }

    void forget_lateness() { most_late_ = {}; }

  private:
    struct Close {
        void operator()(mosquitto* client) const;
    };

    struct Source {
        Contender* contender = nullptr;
        std::unique_ptr<mosquitto, Close> client;
        std::string full_begin{}; ///< a full report up to the layer's number
        std::string full_end{};   ///< and after it
    };

    void learn_full_report(Source& source);
    void keep_connections();
    [[nodiscard]] Clock::time_point due() const;
    void report(Source& source, std::size_t printer, std::size_t number) const;

    std::vector<Source> sources_;
    std::chrono::nanoseconds period_;
    Clock::time_point begin_{};
    std::int64_t next_ = 0; ///< of all reports in the order of their times
    std::chrono::nanoseconds most_late_{};
};

} // namespace bambu2mqtt::compare
