// A feature extends the session of a printer beyond state, connection and commands. Each has a folder in
// src/feature and a row in src/cli/features.cpp.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/command.hpp>
#include <bambu2mqtt/command/handler.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <any>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

struct SessionContext;

/// What a feature does to the outside and sees of its printer. Made for one call; the feature does not keep
/// it.
class FeaturePorts {
  public:
    /// `feature`: name of the feature; all arguments outlive it.
    FeaturePorts(SessionContext& context, std::string_view feature, Now now, Effects& effects)
        : context_(context), feature_(feature), now_(now), effects_(effects) {}

    [[nodiscard]] Now now() const noexcept { return now_; }

    /// The printer's state. The results of its set functions have to be passed to changed().
    [[nodiscard]] Printer& printer() const noexcept;

    /// Whether the printer is connected, and where.
    [[nodiscard]] Reachability reachability() const;

    /// Publishes B/P/TOPIC retained, at most once a second and only when it changed, in each broker session.
    /// An empty payload takes it back. `topic` must be none of an entity.
    void publish(const std::string& topic, std::string payload);

    /// Publishes B/P/TOPIC once, not retained; dropped while there is no broker session.
    void send(const std::string& topic, std::string payload);

    /// Publishes the entities that an update of printer() changed.
    void changed(const Update& update);

    /// Sends a request to the printer; an empty `sequence_id` in it is filled in. The reply arrives through
    /// SessionFeature::on_state().
    void request(OrderedJson request);

    /// Starts a job of the feature's worker; it ends with SessionFeature::on_done().
    void start_work(std::uint64_t job, std::any what);

    /// Cancels the running job, if any; it still ends with SessionFeature::on_done().
    void cancel_work();

    /// Publishes how far the work for a command is. `total` 0: not known.
    void report_progress(Ticket ticket, std::uint64_t bytes, std::uint64_t total);

    /// The work for a command has ended. Where it is done, the requests that the command planned follow.
    void finish(Ticket ticket, Outcome outcome);

    /// What SessionFeature::save() gives has changed: it is written within this time.
    void save_within(std::chrono::seconds time);

    /// A line in the gateway's log.
    void log(Level level, std::string text);

  private:
    SessionContext& context_;
    std::string_view feature_;
    Now now_;
    Effects& effects_;
};

/// One per printer and feature. Pure: no clock, no sockets, no threads; the time is read from the ports.
/// Every function has a default. An exception that escapes ends the session of this printer, which is then
/// rebuilt.
class SessionFeature {
  public:
    virtual ~SessionFeature() = default;
    SessionFeature(const SessionFeature&) = delete;
    SessionFeature& operator=(const SessionFeature&) = delete;

    /// The session starts.
    virtual void start(FeaturePorts& /*ports*/) {}

    /// A message of the printer, byte for byte, before it is merged.
    virtual void on_message(std::string_view /*payload*/, FeaturePorts& /*ports*/) {}

    /// A message was merged: what it changed, and which request it answers.
    virtual void on_state(const Update& /*update*/, FeaturePorts& /*ports*/) {}

    /// A command requests work (Plan::work, SessionPort::run_feature). Returns its outcome, or
    /// WaitsFor::printer if FeaturePorts::finish() follows.
    [[nodiscard]] virtual Handled on_command(Ticket /*ticket*/, const std::any& /*what*/,
                                             FeaturePorts& /*ports*/);

    /// How far the work is that start_work() has begun.
    virtual void on_progress(const WorkProgress& /*event*/, FeaturePorts& /*ports*/) {}

    /// It has ended.
    virtual void on_done(const WorkDone& /*event*/, FeaturePorts& /*ports*/) {}

    /// Handles due deadlines.
    virtual void tick(FeaturePorts& /*ports*/) {}

    /// When tick() is due.
    [[nodiscard]] virtual std::optional<Instant> deadline() const { return std::nullopt; }

    /// The gateway stops, or gives this session up: commands end after it.
    virtual void stop(FeaturePorts& /*ports*/) {}

    /// Adds what has to be saved; after a restart FeatureEntry::make receives it. Members of other parts must
    /// not be changed.
    virtual void save(Json& /*content*/) const {}

    /// Adds the feature's part of the data of get_state.
    virtual void add_state(OrderedJson& /*state*/) const {}

  protected:
    SessionFeature() = default;
};

/// How sessions get a feature. `saved`: what an earlier run kept; null or anything else counts as nothing.
struct FeatureEntry {
    std::string_view name{}; ///< lives as long as the program
    std::unique_ptr<SessionFeature> (*make)(const Json& saved) = nullptr;
    bool operator==(const FeatureEntry&) const = default;
};

/// The entry of a class that has a constructor from `saved` and a constant `name`.
template <typename Feature>
[[nodiscard]] constexpr FeatureEntry feature_entry() {
    return {.name = Feature::name, .make = [](const Json& saved) -> std::unique_ptr<SessionFeature> {
                return std::make_unique<Feature>(saved);
            }};
}

} // namespace bambu2mqtt
