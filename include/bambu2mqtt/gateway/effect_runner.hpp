// Carries out effects, and reports each one that fails to the session that asked for it.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/port/effects.hpp>

#include <functional>
#include <string_view>

namespace bambu2mqtt {

class Bridge;

/// An exception that escapes from one effect affects only this effect: what it had started is undone, and the
/// failure is logged, counted, and reported to the bridge as the event with which such an effect usually
/// fails, where its sender waits for one (PrinterDown, WorkDone, TrustDone, RequestDone, BrokerDown), so that
/// nothing waits for it forever.
class EffectRunner {
  public:
    struct Edges {
        std::function<void(const Effect&)> carry_out{};
        /// Ends what a failed effect may have left at the edges; events of that are taken back.
        std::function<void(const Effect&)> undo{};
    };

    /// `bridge` outlives it. `clock`: the present time.
    EffectRunner(Bridge& bridge, Edges edges, std::function<Now()> clock);

    /// Carries out all of `effects` in order, and what failed ones lead to; leaves `effects` empty.
    void perform(Effects& effects);

    /// Does `work`, which fills `effects`, for instance a turn of the gateway's loop. When an exception
    /// escapes from it, that is logged and counted, and the effects that were already there are carried out.
    /// Returns whether the work was done.
    bool turn(Effects& effects, const std::function<void()>& work);

  private:
    void fail(const Effect& effect, std::string_view why, Effects& effects);
    void log(std::string_view text);

    Bridge& bridge_;
    Edges edges_;
    std::function<Now()> clock_;
    Effects batch_; ///< being carried out; a member to keep its memory
};

} // namespace bambu2mqtt
