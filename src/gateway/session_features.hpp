// The features of one printer's session.
#pragma once

#include <bambu2mqtt/gateway/session_feature.hpp>

#include <any>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// Passes calls on to all features, or to the one that is named.
class SessionFeatures {
  public:
    /// Makes the features of the settings. `context` outlives it; `saved` as in FeatureEntry.
    SessionFeatures(SessionContext& context, const Json& saved);

    void start(Now now, Effects& effects);
    void on_message(std::string_view payload, Now now, Effects& effects);
    void on_state(const Update& update, Now now, Effects& effects);
    void handle(const WorkProgress& event, Now now, Effects& effects);
    void handle(const WorkDone& event, Now now, Effects& effects);
    void tick(Now now, Effects& effects);
    void stop(Now now, Effects& effects);

    /// Rejected as `not_found` if there is no such feature.
    [[nodiscard]] Handled on_command(const FeatureWork& work, Ticket ticket, Now now, Effects& effects);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    void save(Json& content) const;
    void add_state(OrderedJson& state) const;

  private:
    struct Named {
        std::string_view name{};
        std::unique_ptr<SessionFeature> feature{};
    };

    template <typename Call>
    void for_each(Now now, Effects& effects, const Call& call) {
        for (const auto& [name, feature] : features_) {
            FeaturePorts ports{context_, name, now, effects};
            call(*feature, ports);
        }
    }

    [[nodiscard]] SessionFeature* find(std::string_view name) const;

    SessionContext& context_;
    std::vector<Named> features_;
};

} // namespace bambu2mqtt
