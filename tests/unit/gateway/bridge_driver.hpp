// A bridge under test between a virtual clock, printers controlled by the test, and a broker that keeps
// retained messages and records what it received. After every turn it checks that the bridge does not request
// an immediate wake-up again.
#pragma once

#include "unit/gateway/bridge_samples.hpp"
#include "unit/gateway/recorded_effects.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt::test {

using namespace std::chrono_literals;

class BridgeDriver {
  public:
    BridgeDriver() : BridgeDriver(BridgeSetup{}) {}

    explicit BridgeDriver(const BridgeSetup& setup)
        : window_(setup.window), retain_as_published_(setup.retain_as_published),
          bridge_(bridge_settings(setup), built_in_templates(), setup.saved) {}

    /// The gateway starts with these retained messages on the broker.
    void start(const std::map<std::string, std::string>& standing = {}) {
        retained_.insert(standing.begin(), standing.end());
        bridge_.start(now_, effects_);
        turn();
    }

    /// The broker accepts the connection, delivers retained messages, and the listening window passes.
    void broker_up() {
        broker_connects();
        advance(600ms);
    }

    void broker_connects() {
        up_ = true;
        unacknowledged_.clear();
        give(broker_target, BrokerUp{window_, retain_as_published_});
        for (const auto& [topic, payload] : std::map{retained_}) {
            const bool ours = topic.starts_with("bambu2mqtt/");
            if (ours || (topic.starts_with("homeassistant/") && topic.ends_with("/config"))) {
                say(topic, payload, true);
            }
        }
    }

    /// The marker of this session comes back through the subscription.
    void return_marker() { say(markers_.back().topic, markers_.back().payload, false); }

    /// Payloads sent on B/bridge/marker; not part of log().
    [[nodiscard]] const std::vector<Message>& markers() const { return markers_; }

    void broker_down(const std::string& detail = "connection reset", const std::string& refused = {}) {
        up_ = false;
        done_.filters.clear(); // subscriptions end with the connection
        give(broker_target, BrokerDown{detail, refused});
    }

    /// Number of requested connections to the broker.
    [[nodiscard]] std::size_t broker_connects_asked() const { return done_.broker_connects; }

    /// A message on one of our subscriptions.
    void say(const std::string& topic, const std::string& payload, bool retained) {
        give(broker_target, BrokerMessage{topic, payload, retained});
    }

    /// A client sends a command: JSON on B/p1/command.
    void command(const std::string& payload) { say("bambu2mqtt/p1/command", payload, false); }

    /// A client sets a control of p1.
    void set(const std::string& entity, const std::string& payload) {
        say("bambu2mqtt/p1/" + entity + "/set", payload, false);
    }

    void printer_up(std::size_t index = 0) { give(index, PrinterUp{}); }

    void printer_down(LinkFailure failure = LinkFailure::lost, const std::string& detail = "broken",
                      std::size_t index = 0) {
        give(index, PrinterDown{.failure = failure, .detail = detail});
    }

    void report(const std::string& payload, std::size_t index = 0) { give(index, ReportArrived{payload}); }

    /// Connected with a complete state, everything published.
    void go_live(const std::string& members = idle, std::size_t index = 0) {
        printer_up(index);
        report(version(bridge_.session(index).printer().facts().serial.starts_with("01P") ? "C12" : ""),
               index);
        report(full(members), index);
        advance(3s);
    }

    void give(std::size_t target, EventBody body) {
        bridge_.handle(Event{target, std::move(body)}, now_, effects_);
        turn();
    }

    /// Turns of the gateway's loop until it would wait: acknowledgements may make it publish more.
    void turn() {
        constexpr int most = 3;
        for (int turns = 0; turns < most; ++turns) {
            bridge_.tick(now_, effects_);
            if (bridge_.health().due(now_.instant)) {
                bridge_.set_health(Health{.uptime_seconds = 1}, now_);
            }
            carry_out();
            pull();
            if (bridge_.deadline() > now_.instant) {
                return;
            }
        }
        FAIL_CHECK("the bridge asks to be woken again and again");
    }

    /// Moves the clock from deadline to deadline.
    void advance(std::chrono::milliseconds by) {
        const auto until = now_.instant + by;
        while (now_.instant < until) {
            move_to(std::min(std::max(bridge_.deadline(), now_.instant + 1ms), until));
            turn();
        }
    }

    /// Moves the clock only.
    void move_to(Instant moment) {
        now_.instant = moment;
        now_.wall =
            WallTime{1'769'850'000s} + set_by_ + std::chrono::floor<std::chrono::seconds>(moment - start_);
    }

    /// The machine's clock is set; this is noticed at the next deadline.
    void set_clock(std::chrono::seconds by) {
        set_by_ += by;
        move_to(now_.instant);
    }

    /// The gateway continues with other settings. `saved`: of new printers, by their place.
    void reconfigure(BridgeSettings settings, const std::vector<Json>& saved = {}) {
        bridge_.reconfigure(std::move(settings), saved, now_, effects_);
        turn();
    }

    /// Stops the gateway.
    void shutdown() {
        bridge_.shutdown(now_, effects_);
        carry_out();
    }

    /// The link takes no more messages until it has room again.
    void set_link_room(bool has_room) {
        bridge_.set_link_room(has_room);
        turn();
    }

    /// From now on messages are not acknowledged until acknowledge().
    void hold_acknowledgements() { acknowledges_ = false; }

    void acknowledge(std::size_t count) {
        for (; count > 0 && !unacknowledged_.empty(); --count) {
            acknowledge_packet(unacknowledged_.front());
        }
    }

    /// Acknowledges one of the held messages, in any order; `reason` as in MQTT 5.
    void acknowledge_packet(int packet, int reason = 0) {
        std::erase(unacknowledged_, packet);
        give(broker_target, Published{packet, reason});
    }

    /// The packet identifiers of held messages, in the order of sending.
    [[nodiscard]] const std::vector<int>& held() const { return unacknowledged_; }

    /// The link rejects messages on this topic from now on, as oversized those above the limit; empty: none.
    void refuse(std::string topic, NotTaken why = {}) { refused_ = {std::move(topic), why}; }

    [[nodiscard]] std::size_t refusals() const { return refusals_; }

    void acknowledge_always() {
        acknowledges_ = true;
        acknowledge(unacknowledged_.size());
        turn();
    }

    /// The retained payload on the broker; "(nothing)" if there is none.
    [[nodiscard]] std::string retained(const std::string& topic) const {
        const auto found = retained_.find(topic);
        return found == retained_.end() ? "(nothing)" : found->second;
    }

    [[nodiscard]] std::string state(const std::string& entity) const {
        return retained("bambu2mqtt/p1/" + entity);
    }

    [[nodiscard]] OrderedJson json(const std::string& topic) const {
        return OrderedJson::parse(retained(topic), nullptr, false);
    }

    [[nodiscard]] const std::map<std::string, std::string>& standing() const { return retained_; }

    /// The broker loses everything, like one without persistence.
    void lose_store() { retained_.clear(); }

    /// All payloads of a topic since forget_log().
    [[nodiscard]] std::vector<std::string> sent(const std::string& topic) const {
        std::vector<std::string> payloads;
        for (const auto& message : log_) {
            if (message.topic == topic) {
                payloads.push_back(message.payload);
            }
        }
        return payloads;
    }

    [[nodiscard]] const std::vector<Message>& log() const { return log_; }

    /// When each message of log() was sent.
    [[nodiscard]] const std::vector<Instant>& log_times() const { return log_times_; }

    void forget_log() { log_.clear(), log_times_.clear(); }

    /// Position of a topic's last message in the log; the test fails when there is none.
    [[nodiscard]] std::size_t place(const std::string& topic) const {
        const auto found =
            std::find_if(log_.rbegin(), log_.rend(), [&](const auto& m) { return m.topic == topic; });
        INFO("topic: ", topic);
        REQUIRE(found != log_.rend());
        return static_cast<std::size_t>(std::distance(found, log_.rend())) - 1;
    }

    /// "connect", "disconnect", "get_version", "pushall" of one printer, in order, since the last call.
    [[nodiscard]] std::vector<std::string> asked(std::size_t index = 0) {
        return std::exchange(done_.asked[index], {});
    }

    /// The requests to one printer as they were sent, since the last call.
    [[nodiscard]] std::vector<Json> requests(std::size_t index = 0) {
        return std::exchange(done_.requests[index], {});
    }

    /// Addresses of the connection attempts, in order.
    [[nodiscard]] const std::vector<std::string>& hosts() const { return done_.hosts; }

    /// The work that features have begun: file jobs, unless the test has other features.
    [[nodiscard]] const std::vector<StartWork>& jobs() const { return done_.jobs; }

    [[nodiscard]] std::size_t cancelled_jobs() const { return done_.cancelled_jobs; }

    [[nodiscard]] const std::vector<TrustCertificate>& trusts() const { return done_.trusts; }

    /// Messages on B/p1/response since forget_log().
    [[nodiscard]] std::vector<Json> responses() const {
        std::vector<Json> result;
        for (const auto& payload : sent("bambu2mqtt/p1/response")) {
            result.push_back(Json::parse(payload));
        }
        return result;
    }

    /// Everything the bridge has asked for, in order.
    [[nodiscard]] const Effects& effects_done() const { return done_.all; }

    [[nodiscard]] const std::vector<LogLine>& notes() const { return done_.notes; }

    [[nodiscard]] std::size_t count_notes(Level level, const std::string& source) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            done_.notes, [&](const LogLine& n) { return n.level == level && n.source == source; }));
    }

    /// The last saved state of a printer; null if there is none.
    [[nodiscard]] Json saved(std::size_t index = 0) const {
        const auto found = done_.saved.find(index);
        return found == done_.saved.end() ? Json(nullptr) : found->second;
    }

    [[nodiscard]] std::size_t most_on_the_way() const { return most_on_the_way_; }

    [[nodiscard]] const std::vector<std::string>& filters() const { return done_.filters; }

    [[nodiscard]] Bridge& bridge() { return bridge_; }

    [[nodiscard]] Now now() const { return now_; }

  private:
    void carry_out() {
        done_.take(effects_);
        effects_.clear();
    }

    void pull() {
        while (true) {
            while (const auto message = bridge_.next(now_)) {
                if (!up_) {
                    FAIL_CHECK("a message while the broker is gone: ", message->topic);
                }
                const auto& [topic, why] = refused_;
                if (message->topic == topic &&
                    (!why.oversized || message->payload.size() > why.oversized->limit)) {
                    ++refusals_;
                    bridge_.not_taken(*message, why, now_, effects_);
                    carry_out();
                    continue;
                }
                const bool acknowledged = message->qos == Qos::at_least_once;
                last_packet_ = acknowledged ? last_packet_ % 65535 + 1 : last_packet_;
                bridge_.taken(acknowledged ? last_packet_ : 0);
                if (message->topic == "bambu2mqtt/bridge/marker") {
                    markers_.push_back(*message);
                    continue;
                }
                log_.push_back(*message);
                log_times_.push_back(now_.instant);
                if (message->retain && message->payload.empty()) {
                    retained_.erase(message->topic);
                } else if (message->retain) {
                    retained_[message->topic] = message->payload;
                }
                if (acknowledged) {
                    unacknowledged_.push_back(last_packet_);
                }
            }
            most_on_the_way_ = std::max(most_on_the_way_, unacknowledged_.size());
            if (!acknowledges_ || unacknowledged_.empty()) {
                return;
            }
            for (const int packet : std::exchange(unacknowledged_, {})) {
                bridge_.handle(Event{broker_target, Published{packet}}, now_, effects_);
            }
        }
    }

    Instant start_ = Instant{} + 1000h;
    std::chrono::seconds set_by_{0};
    Now now_{start_, WallTime{1'769'850'000s}};
    std::size_t window_;
    bool retain_as_published_;
    Bridge bridge_;
    Effects effects_;
    RecordedEffects done_;
    bool up_ = false;
    bool acknowledges_ = true;
    std::vector<int> unacknowledged_;
    int last_packet_ = 0;
    std::pair<std::string, NotTaken> refused_; ///< topic, and why
    std::size_t refusals_ = 0;
    std::size_t most_on_the_way_ = 0;
    std::map<std::string, std::string> retained_;
    std::vector<Message> log_;
    std::vector<Message> markers_;
    std::vector<Instant> log_times_;
};

} // namespace bambu2mqtt::test
