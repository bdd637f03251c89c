// One printer as described by its reports: messages in, entity values out. Knows no connection and no topic.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/entity/spools.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/reply.hpp>
#include <bambu2mqtt/printer/report.hpp>
#include <bambu2mqtt/printer/report_state.hpp>
#include <bambu2mqtt/state/fan_speeds.hpp>
#include <bambu2mqtt/state/job_clock.hpp>
#include <bambu2mqtt/state/job_values.hpp>
#include <bambu2mqtt/state/storage_watch.hpp>
#include <bambu2mqtt/texts/language.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// Effect of one message.
struct Update {
    ReportKind kind = ReportKind::other;
    bool full = false;
    bool layout_changed = false;          ///< entities were added or removed; every value was decoded again
    std::vector<std::uint16_t> changed{}; ///< instances whose value or attributes may have changed
    std::optional<Reply> reply{};         ///< the message as an answer to a command, if it is one
};

/// Rounding of measured temperatures to whole degrees.
enum class Rounding {
    plain,  ///< to the nearest
    banded, ///< to the nearest, but the shown value stays until the real one is 0.75 degrees away: no
            ///< flapping between two degrees
};

/// Not copyable: the layout has pointers into the facts.
class Printer {
  public:
    /// `configured` is the configured model, if any; else get_version and then the serial decide.
    /// `remembered` are the facts of an earlier run.
    Printer(std::string serial, std::optional<Model> configured, Rounding rounding,
            std::optional<Facts> remembered = std::nullopt);
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;

    /// Handles one message of the report topic. `now` is used for time-dependent values; without it they stay
    /// unknown. Fails only for text that is not a JSON object; then nothing changed.
    [[nodiscard]] expected<Update, Error> take(std::string_view message, ReportParser& parser,
                                               std::optional<Now> now);

    /// Sets the state of the connection to the printer.
    [[nodiscard]] Update set_connection(ConnectionStatus connection);

    /// Sets the outcome of the last command.
    [[nodiscard]] Update set_last_command(LastCommand command);

    /// Sets the running file transfer.
    [[nodiscard]] Update set_transfer(TransferStatus transfer);

    /// Publishes the hours of use before the first report; later update() and tick() do.
    [[nodiscard]] Update show_usage();

    /// Sets a chamber temperature measured elsewhere.
    [[nodiscard]] Update give_chamber_temperature(double degrees);

    /// Sets whether commands need a signature: after a refusal, or to evaluate both cases. `fun` in the next
    /// report takes precedence.
    [[nodiscard]] Update learn_signature(Signature signature);

    /// Sets the language of display words and error texts; every entity counts as changed if it is another.
    [[nodiscard]] Update set_language(Language language);

    /// Updates time-dependent values. Nothing else changes.
    [[nodiscard]] Update tick(Now now);

    /// Drops units that are not plugged in; true if any was.
    bool forget_absent_units(std::int64_t absent_seconds);

    /// Drops one unit ("ams_1") if it is not plugged in; true if it was.
    bool forget_unit(std::string_view prefix);

    /// Adds connected time to the absence of units that are not plugged in.
    void count_absence(std::int64_t seconds);

    [[nodiscard]] const ReportState& report_state() const noexcept { return report_state_; }

    /// The gateway's own data, beside the report.
    [[nodiscard]] const GatewayState& gateway() const noexcept { return gateway_; }

    [[nodiscard]] const Facts& facts() const noexcept { return facts_; }

    [[nodiscard]] const Layout& layout() const noexcept { return layout_; }

    [[nodiscard]] const JobClock& clock() const noexcept { return clock_; }

    [[nodiscard]] JobClock& clock() noexcept { return clock_; }

    /// Takes over how fast fans ran before they were switched off, as an earlier run has saved it.
    void restore_fan_speeds(const Json& saved) { gateway_.last_speed = speeds_of(saved); }

    /// True if a job runs with unknown values that a full report would contain.
    [[nodiscard]] bool misses_job_values() const noexcept { return job_values_.missing(); }

    /// The value of an instance, as last decoded.
    [[nodiscard]] const Value& value(std::size_t index) const { return values_[index]; }

    /// All of them, in the order of layout().instances().
    [[nodiscard]] std::span<const Value> values() const noexcept { return values_; }

    /// The attributes of an instance; null for entities without any.
    [[nodiscard]] OrderedJson attributes(std::size_t index) const;

    /// update entities: the newest known version; unknown for all others.
    [[nodiscard]] Value latest(std::size_t index) const;

    /// True if the unit of an instance is plugged in; unplugged ones keep their last values.
    [[nodiscard]] bool present(std::size_t index) const;

  private:
    bool merge(const Report& report, std::optional<Now> now);
    void follow_feed();
    void follow_storage(bool full, std::optional<Now> now);
    void follow_awaited_tray();
    void find_awaited_tray();
    void follow_speed();
    void watch_targets(Now now);
    void clear_changes();

    template <typename Member, typename New>
    void assign_own(Member& member, New&& value, GatewayField field) {
        assign(member, std::forward<New>(value), field, gateway_changes_);
    }

    Update finish(ReportKind kind, bool full, bool facts_changed);

    /// Sets a member of gateway_ outside a message; returns the update.
    template <typename Member, typename New>
    [[nodiscard]] Update set_own(Member& member, New&& value, GatewayField field) {
        clear_changes();
        assign_own(member, std::forward<New>(value), field);
        return finish(ReportKind::other, false, false);
    }

    void rebuild();
    bool decode(std::size_t index); ///< returns true if the value changed
    [[nodiscard]] View view(std::size_t index) const;

    std::optional<Model> configured_;
    Rounding rounding_;
    Facts facts_;
    ReportState report_state_;
    GatewayState gateway_;
    Layout layout_;
    std::vector<Value> values_;
    JobClock clock_;
    StorageWatch storage_;
    FanSpeeds fans_;
    JobValues job_values_;
    Changes changes_;               ///< of the report, by the current message
    GatewayFields gateway_changes_; ///< of gateway_, by the current message
    std::vector<bool> touched_;
};

} // namespace bambu2mqtt
