// The effects of command handlers on the session with the printer.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/handler.hpp>
#include <bambu2mqtt/port/effects.hpp>

#include <chrono>
#include <string>

namespace bambu2mqtt {

class ConnectionControl;
class JobWatch;
class SessionFeatures;
struct SessionContext;

/// Made for one command; all references outlive it.
class CommandPort final : public SessionPort {
  public:
    CommandPort(SessionContext& context, JobWatch& jobs, ConnectionControl& connection,
                SessionFeatures& features, Now now, Effects& effects)
        : context_(context), jobs_(jobs), connection_(connection), features_(features), now_(now),
          effects_(effects) {}

    void resume() override;
    void pause() override;
    void quit() override;
    [[nodiscard]] bool closed() const override;
    std::chrono::seconds refresh() override;
    void forget_unit(const std::string& unit) override;
    void set_chamber_temperature(double degrees) override;
    [[nodiscard]] const std::string& proven_host() const override;
    [[nodiscard]] Handled run_feature(const FeatureWork& work, Ticket ticket) override;
    void add_feature_state(OrderedJson& state) const override;

  private:
    SessionContext& context_;
    JobWatch& jobs_;
    ConnectionControl& connection_;
    SessionFeatures& features_;
    Now now_;
    Effects& effects_;
};

} // namespace bambu2mqtt
