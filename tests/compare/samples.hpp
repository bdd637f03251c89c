#pragma once
// When each report was sent and when its value was shown.

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace bambu2mqtt::compare {

using Clock = std::chrono::steady_clock;

/// One report: its number is the reported layer, from 1 in each printer.
struct Sample {
    std::optional<Clock::time_point> sent{};
    std::optional<Clock::time_point> shown{};
};

/// Of one contender; thread-safe.
class Samples {
  public:
    explicit Samples(std::size_t printers) : samples_(printers) {}

    void sent(std::size_t printer, std::size_t number, Clock::time_point at) {
        const std::lock_guard lock{mutex_};
        sample(printer, number).sent = at;
    }

    /// The first time counts.
    void shown(std::size_t printer, std::size_t number, Clock::time_point at) {
        const std::lock_guard lock{mutex_};
        auto& one = sample(printer, number);
        one.shown = one.shown.value_or(at);
    }

    void count_message() {
        const std::lock_guard lock{mutex_};
        ++messages_;
    }

    /// Messages at the contender's broker since the last call.
    [[nodiscard]] std::size_t take_messages() {
        const std::lock_guard lock{mutex_};
        return std::exchange(messages_, 0);
    }

    /// Whether a value of each printer was shown.
    [[nodiscard]] bool all_shown() const {
        const std::lock_guard lock{mutex_};
        for (const auto& printer : samples_) {
            bool any = false;
            for (const auto& one : printer) {
                any = any || one.shown.has_value();
            }
            if (!any) {
                return false;
            }
        }
        return true;
    }

    /// By printer and number.
    [[nodiscard]] std::vector<std::vector<Sample>> all() const {
        const std::lock_guard lock{mutex_};
        return samples_;
    }

  private:
    Sample& sample(std::size_t printer, std::size_t number) {
        auto& samples = samples_.at(printer);
        if (samples.size() <= number) {
            samples.resize(number + 1);
        }
        return samples[number];
    }

    mutable std::mutex mutex_;
    std::vector<std::vector<Sample>> samples_;
    std::size_t messages_ = 0;
};

} // namespace bambu2mqtt::compare
