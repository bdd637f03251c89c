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
    explicit Samples(std::size_t printers) : samples_(printers), seen_(printers) {}

    void sent(std::size_t printer, std::size_t number, Clock::time_point at) {
        const std::lock_guard lock{mutex_};
        sample(printer, number).sent = at;
    }

    /// The first time counts.
    void shown(std::size_t printer, std::size_t number, Clock::time_point at) {
        const std::lock_guard lock{mutex_};
        auto& one = sample(printer, number);
        one.shown = one.shown.value_or(at);
        if (!seen_[printer]) {
            seen_[printer] = true;
            ++count_seen_;
            all_seen_at_ = at;
        }
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

    /// When the first value of the last printer was shown; nothing while one is missing.
    [[nodiscard]] std::optional<Clock::time_point> all_shown() const {
        const std::lock_guard lock{mutex_};
        return count_seen_ == seen_.size() ? std::optional{all_seen_at_} : std::nullopt;
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
    std::vector<bool> seen_; ///< printers of which a value was shown
    std::size_t count_seen_ = 0;
    Clock::time_point all_seen_at_{}; ///< of the latest printer
    std::size_t messages_ = 0;
};

} // namespace bambu2mqtt::compare
