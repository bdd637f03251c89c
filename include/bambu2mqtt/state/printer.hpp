// One printer as its reports describe it: messages in, values of entities out. Knows no connection and no
// topic.
#pragma once

#include <bambu2mqtt/base/result.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/entity/spools.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/reply.hpp>
#include <bambu2mqtt/printer/report.hpp>
#include <bambu2mqtt/printer/report_state.hpp>
#include <bambu2mqtt/state/job_clock.hpp>
#include <bambu2mqtt/state/job_values.hpp>
#include <bambu2mqtt/state/storage_watch.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// What one message did.
struct Update {
    ReportKind kind = ReportKind::other;
    bool full = false;
    bool layout_changed = false;          ///< entities came or went; every value was decoded again
    std::vector<std::uint16_t> changed{}; ///< instances whose value or attributes may have changed
    std::optional<Reply> reply{};         ///< the message as an answer to a command, if it is one
};

/// How measured temperatures become whole degrees.
enum class Rounding {
    plain,  ///< the nearest
    banded, ///< the nearest, but a shown value stays until the real one is 0.75 degrees away: no flapping on
            ///< the edge
};

/// Not copyable: the layout points into the facts.
class Printer {
  public:
    /// `configured` is the model of the configuration, if it names one; else get_version and then the serial
    /// tell. `remembered` are the facts of an earlier run.
    Printer(std::string serial, std::optional<Model> configured, Rounding rounding,
            std::optional<Facts> remembered = std::nullopt);
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;

    /// Takes in one message of the report topic. `now` is what clock-bound values are made from; without it
    /// they stay not known. Fails only for text that is no JSON object; then nothing changed.
    [[nodiscard]] Result<Update> take(std::string_view message, ReportParser& parser, std::optional<Now> now);

    /// What the gateway itself knows of its connection to the printer.
    [[nodiscard]] Update set_connection(ConnectionStatus connection);

    /// The outcome of the last command.
    [[nodiscard]] Update set_last_command(LastCommand command);

    /// The file transfer under way.
    [[nodiscard]] Update set_transfer(TransferStatus transfer);

    /// Shows the hours of use before the first report; later update() and tick() do.
    [[nodiscard]] Update show_usage();

    /// A chamber temperature that somebody else has measured.
    [[nodiscard]] Update give_chamber_temperature(double degrees);

    /// Takes over whether commands need a signature: from a refusal, or for looking at both. What `fun` says
    /// comes first with the next report.
    [[nodiscard]] Update learn_signature(Signature signature);

    /// Moves clock-bound values on. Nothing else changes.
    [[nodiscard]] Update tick(Now now);

    /// Drops units that are not plugged in; true when any was.
    bool forget_absent_units(std::int64_t absent_seconds);

    /// Drops one unit ("ams_1") if it is not plugged in; true when it was.
    bool forget_unit(std::string_view prefix);

    /// Adds connected time to the absence of units that are not plugged in.
    void count_absence(std::int64_t seconds);

    [[nodiscard]] const ReportState& report_state() const noexcept { return report_state_; }

    /// What the gateway itself knows, beside the report.
    [[nodiscard]] const GatewayState& gateway() const noexcept { return gateway_; }

    [[nodiscard]] const Facts& facts() const noexcept { return facts_; }

    [[nodiscard]] const Layout& layout() const noexcept { return layout_; }

    [[nodiscard]] const JobClock& clock() const noexcept { return clock_; }

    [[nodiscard]] JobClock& clock() noexcept { return clock_; }

    /// Whether a job runs of which something is not known that a full report would tell.
    [[nodiscard]] bool misses_job_values() const noexcept { return job_values_.missing(); }

    /// The value of an instance, as last decoded.
    [[nodiscard]] const Value& value(std::size_t index) const { return values_[index]; }

    /// All of them, in the order of layout().instances().
    [[nodiscard]] std::span<const Value> values() const noexcept { return values_; }

    /// The attributes of an instance; null for entities without any.
    [[nodiscard]] OrderedJson attributes(std::size_t index) const;

    /// update entities: the newest version known; not known for all others.
    [[nodiscard]] Value latest(std::size_t index) const;

    /// Whether the thing an instance is about is plugged in; units that are not keep the values they had.
    [[nodiscard]] bool present(std::size_t index) const;

  private:
    void merge(const Report& report, std::optional<Now> now);
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

    /// Sets a member of gateway_ outside a message; what that changed.
    template <typename Member, typename New>
    [[nodiscard]] Update set_own(Member& member, New&& value, GatewayField field) {
        clear_changes();
        assign_own(member, std::forward<New>(value), field);
        return finish(ReportKind::other, false, false);
    }

    void rebuild();
    bool decode(std::size_t index); ///< whether the value became another
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
    JobValues job_values_;
    Changes changes_;               ///< of the report, by the message at hand
    GatewayFields gateway_changes_; ///< of gateway_, by the message at hand
    std::vector<bool> touched_;
};

} // namespace bambu2mqtt
