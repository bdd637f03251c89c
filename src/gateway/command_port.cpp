#include "gateway/command_port.hpp"

#include "gateway/connection_control.hpp"
#include "gateway/job_watch.hpp"
#include "gateway/session_context.hpp"
#include "gateway/session_features.hpp"

namespace bambu2mqtt {

using namespace std::chrono_literals;

void CommandPort::resume() {
    if (context_.connection.state() == ConnectionState::paused) {
        jobs_.reconnected(); // also if the connection was up all the time: reports were not processed
    }
    context_.with_connection(effects_, [this](Connection& link, ConnectionActions& actions) {
        link.resume(now_.instant, context_.family(), actions);
    });
    context_.persistent.save_by(now_.instant);
    connection_.show(now_, effects_);
}

void CommandPort::pause() {
    context_.with_connection(effects_,
                             [](Connection& link, ConnectionActions& actions) { link.pause(actions); });
    connection_.show(now_, effects_);
}

void CommandPort::quit() {
    context_.with_connection(effects_,
                             [](Connection& link, ConnectionActions& actions) { link.quit(actions); });
    context_.persistent.save_by(now_.instant); // it stays closed after a restart
    connection_.show(now_, effects_);
}

bool CommandPort::closed() const {
    return context_.connection.closed();
}

std::chrono::seconds CommandPort::refresh() {
    const auto wait = context_.connection.full_report_in(now_.instant, context_.family());
    if (wait > 0s) {
        context_.publisher.add_all();
        return wait;
    }
    context_.with_connection(effects_, [this](Connection& link, ConnectionActions& actions) {
        actions.push_back(ConnectionAction::get_version);
        link.want_full(now_.instant, context_.family(), actions);
    });
    return 0s;
}

void CommandPort::forget_unit(const std::string& unit) {
    context_.publish_changes(now_);
    if (context_.printer.forget_unit(unit)) {
        context_.publisher.layout_changed();
        context_.publisher.remove_stale_topics(context_.whole(now_));
        context_.persistent.save_by(now_.instant);
    }
}

void CommandPort::set_chamber_temperature(double degrees) {
    context_.publisher.add(context_.printer.give_chamber_temperature(degrees));
}

const std::string& CommandPort::proven_host() const {
    return context_.connection.places().proven();
}

Handled CommandPort::run_feature(const FeatureWork& work, Ticket ticket) {
    return features_.on_command(work, ticket, now_, effects_);
}

void CommandPort::add_feature_state(OrderedJson& state) const {
    features_.add_state(state);
}

} // namespace bambu2mqtt
