#include "gateway/session_features.hpp"

#include "gateway/earliest_of.hpp"
#include "gateway/session_context.hpp"
#include <bambu2mqtt/command/outcome.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

Handled SessionFeature::on_command(Ticket /*ticket*/, const std::any& /*what*/, FeaturePorts& /*ports*/) {
    return refused({}, Refusal{Code::not_found, "the feature carries out no commands"});
}

SessionFeatures::SessionFeatures(SessionContext& context, const Json& saved) : context_(context) {
    for (const auto& entry : context.settings.features) {
        features_.push_back(Named{entry.name, entry.make(saved)});
    }
}

SessionFeature* SessionFeatures::find(std::string_view name) const {
    const auto found = std::ranges::find(features_, name, &Named::name);
    return found == features_.end() ? nullptr : found->feature.get();
}

void SessionFeatures::start(Now now, Effects& effects) {
    for_each(now, effects, [](SessionFeature& feature, FeaturePorts& ports) { feature.start(ports); });
}

void SessionFeatures::on_message(std::string_view payload, Now now, Effects& effects) {
    for_each(now, effects,
             [payload](SessionFeature& feature, FeaturePorts& ports) { feature.on_message(payload, ports); });
}

void SessionFeatures::on_state(const Update& update, Now now, Effects& effects) {
    for_each(now, effects,
             [&update](SessionFeature& feature, FeaturePorts& ports) { feature.on_state(update, ports); });
}

void SessionFeatures::handle(const WorkProgress& event, Now now, Effects& effects) {
    if (auto* const feature = find(event.feature)) {
        FeaturePorts ports{context_, event.feature, now, effects};
        feature->on_progress(event, ports);
    }
}

void SessionFeatures::handle(const WorkDone& event, Now now, Effects& effects) {
    if (auto* const feature = find(event.feature)) {
        FeaturePorts ports{context_, event.feature, now, effects};
        feature->on_done(event, ports);
    }
}

Handled SessionFeatures::on_command(const FeatureWork& work, Ticket ticket, Now now, Effects& effects) {
    auto* const feature = find(work.feature);
    if (feature == nullptr) {
        return refused({}, Refusal{Code::not_found, fmt::format("there is no feature {}", work.feature)});
    }
    FeaturePorts ports{context_, work.feature, now, effects};
    return feature->on_command(ticket, work.what, ports);
}

void SessionFeatures::tick(Now now, Effects& effects) {
    for_each(now, effects, [](SessionFeature& feature, FeaturePorts& ports) { feature.tick(ports); });
}

std::optional<Instant> SessionFeatures::deadline() const {
    std::optional<Instant> first;
    for (const auto& named : features_) {
        first = earliest_of({first, named.feature->deadline()});
    }
    return first;
}

void SessionFeatures::stop(Now now, Effects& effects) {
    for_each(now, effects, [](SessionFeature& feature, FeaturePorts& ports) { feature.stop(ports); });
}

void SessionFeatures::save(Json& content) const {
    for (const auto& named : features_) {
        named.feature->save(content);
    }
}

void SessionFeatures::add_state(OrderedJson& state) const {
    for (const auto& named : features_) {
        named.feature->add_state(state);
    }
}

} // namespace bambu2mqtt
