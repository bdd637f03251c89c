// What features do to the session they belong to.
#include "gateway/session_context.hpp"
#include <bambu2mqtt/gateway/session_feature.hpp>

#include <nlohmann/json.hpp>

#include <utility>

namespace bambu2mqtt {

Printer& FeaturePorts::printer() const noexcept {
    return context_.printer;
}

Reachability FeaturePorts::reachability() const {
    return context_.reachability();
}

void FeaturePorts::publish(const std::string& topic, std::string payload) {
    context_.publisher.states().publish_own(topic, std::move(payload));
}

void FeaturePorts::send(const std::string& topic, std::string payload) {
    context_.publisher.send(topic, std::move(payload));
}

void FeaturePorts::changed(const Update& update) {
    context_.publisher.add(update);
}

void FeaturePorts::request(OrderedJson request) {
    effects_.push_back(
        SendRequest{context_.settings.index, context_.runner.requests().stamped(std::move(request))});
}

void FeaturePorts::start_work(std::uint64_t job, std::any what) {
    effects_.push_back(StartWork{.printer = context_.settings.index,
                                 .feature = feature_,
                                 .job = job,
                                 .what = std::move(what),
                                 .host = context_.connection.host()});
}

void FeaturePorts::cancel_work() {
    effects_.push_back(CancelWork{.printer = context_.settings.index, .feature = feature_});
}

void FeaturePorts::report_progress(Ticket ticket, std::uint64_t bytes, std::uint64_t total) {
    context_.runner.report_progress(ticket, bytes, total, now_);
}

void FeaturePorts::finish(Ticket ticket, Outcome outcome) {
    context_.runner.finish_work(ticket, std::move(outcome),
                                context_.situation(context_.settings.discovery.policy, now_),
                                context_.reachability(), now_, effects_);
}

void FeaturePorts::save_within(std::chrono::seconds time) {
    context_.persistent.save_by(now_.instant + time);
}

void FeaturePorts::log(Level level, std::string text) {
    context_.log(effects_, level, std::move(text));
}

} // namespace bambu2mqtt
