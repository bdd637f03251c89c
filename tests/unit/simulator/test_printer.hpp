#pragma once
// A simulated printer and its user: sends requests, waits, checks the state. Knows no command.

#include "simulator/simulated_printer.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace bambu2mqtt::simulator {

/// Actions take durations in seconds that are easy to count.
inline constexpr Durations short_durations{.print = std::chrono::seconds{100},
                                           .filament_change = std::chrono::seconds{10},
                                           .nozzle_change = std::chrono::seconds{2},
                                           .tag_reading = std::chrono::seconds{3},
                                           .drying_minute = std::chrono::seconds{10}};

class TestPrinter {
  public:
    explicit TestPrinter(std::string_view model,
                         SimulatedPrinterOptions options = {.durations = short_durations})
        : printer{named(model, std::move(options))} {}

    /// Sends `{NAMESPACE: body}` with a sequence id and returns the body of the only answer; null without
    /// one.
    nlohmann::json ask(const std::string& name_space, nlohmann::json body) {
        body["sequence_id"] = std::to_string(++sequence_);
        return send_raw(name_space, body);
    }

    /// The same without adding a sequence id.
    nlohmann::json send_raw(const std::string& name_space, const nlohmann::json& body) {
        nlohmann::json request;
        request[name_space] = body;
        const auto reaction = printer.answer(request.dump(), now_);
        if (reaction.answers.empty())
            return nullptr;
        REQUIRE(reaction.answers.size() == 1);
        return nlohmann::json::parse(reaction.answers.front()).at(name_space);
    }

    /// `print` requests, the most frequent ones.
    nlohmann::json ask(nlohmann::json body) { return ask("print", std::move(body)); }

    /// Sends a G-code line that is accepted.
    void gcode(const std::string& line) {
        const auto answer = ask({{"command", "gcode_line"}, {"param", line}});
        REQUIRE(answer.is_object());
    }

    /// Advances by this many seconds; returns the last partial report.
    nlohmann::json live(int seconds) {
        std::string last;
        for (int i = 0; i < seconds; ++i) {
            now_ += std::chrono::seconds{1};
            last = printer.advance(now_).back();
        }
        return nlohmann::json::parse(last).at("print");
    }

    /// Begins a job and advances until its layers are printed.
    void print() {
        printer.start_print({}, std::chrono::seconds{1000});
        live(500);
    }

    [[nodiscard]] const nlohmann::json& state() const { return printer.state(); }

    /// A value of the state by its JSON pointer.
    [[nodiscard]] const nlohmann::json& at(const std::string& pointer) const {
        return printer.state().at(nlohmann::json::json_pointer{pointer});
    }

    /// A bit of home_flag, or of a hexadecimal word.
    [[nodiscard]] bool bit(const std::string& key, unsigned index) const {
        const auto& word = printer.state().at(key);
        const auto value = word.is_string() ? std::stoull(word.get<std::string>(), nullptr, 16)
                                            : static_cast<std::uint32_t>(word.get<std::int32_t>());
        return (value >> index & 1U) != 0;
    }

    SimulatedPrinter printer;

  private:
    static SimulatedPrinterOptions named(std::string_view model, SimulatedPrinterOptions options) {
        options.model = find_model(model);
        REQUIRE(options.model != nullptr);
        options.serial = serial_of(*options.model, 1);
        return options;
    }

    Uptime now_{0};
    int sequence_ = 0;
};

} // namespace bambu2mqtt::simulator
