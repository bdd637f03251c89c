#include "cli/gateway.hpp"

#include "cli/bridge_setup.hpp"
#include "cli/logging.hpp"
#include "cli/memory.hpp"
#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/io/mqtt/publish_batch.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <thread>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Events handled in one iteration; the resulting changes are published at its end.
constexpr int most_events = 64;

/// Time limit of the shutdown before connections are closed.
constexpr auto shutdown_timeout = 700ms;

Now read_clocks() {
    return Now{std::chrono::steady_clock::now(),
               std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
}

spdlog::level::level_enum level_of(Level level) {
    switch (level) {
    case Level::debug:
        return spdlog::level::debug;
    case Level::info:
        return spdlog::level::info;
    case Level::warning:
        return spdlog::level::warn;
    case Level::error:
        break;
    }
    return spdlog::level::err;
}

} // namespace

Gateway::Gateway(Config config, const Templates& templates, const InstanceFiles& instance_files,
                 LogTap& log_tap, PrinterSource source)
    : config_(std::move(config)), source_(std::move(source)), instance_files_(instance_files),
      log_tap_(log_tap), started_at_(read_clocks().instant), services_(config_.state_directory),
      state_files_(
          config_.state_directory, [](const std::string& text) { spdlog::warn("state: {}", text); },
          [](const std::string& text) { spdlog::info("state: {}", text); }),
      edges_(config_.printers, config_.files, source_, events_, services_),
      bridge_(first_settings(config_, edges_, state_files_, services_.trust()), templates,
              saved_states(config_, state_files_)),
      broker_(config_.broker, BridgeTopics{config_.broker.base_topic}.state(),
              config_.home_assistant.enabled ? std::vector{config_.home_assistant.status_topic}
                                             : std::vector<std::string>{},
              events_, services_),
      effects_(bridge_,
               {.carry_out = [this](const Effect& effect) { carry_out(effect); },
                .undo = [this](const Effect& effect) { undo(effect); }},
               read_clocks),
      metrics_([this] { wake(); }), local_service_(config_.state_directory, [this] { wake(); }) {}

Gateway::~Gateway() {
    log_tap_.listen({});
    stop();
}

expected<void, Error> Gateway::start() {
    if (auto started = metrics_.start(config_.metrics); !started) {
        return started;
    }
    local_service_.set_printers(edges_.targets());
    local_service_.start();
    log_tap_.listen([this] { wake(); });
    core_ = guarded_thread("gateway", [this] { run(); });
    return {};
}

void Gateway::stop() {
    if (!core_.joinable()) {
        return;
    }
    stopping_ = true;
    wake();
    core_.join();
}

void Gateway::wake() {
    events_.push(Event{broker_target, Wake{}});
}

void Gateway::reload(const ConfigSource& read) {
    std::vector<std::uint64_t> tickets;
    for (const auto& request : reloads_.take_requests()) {
        const auto changed =
            request.action.empty() ? expected<void, Refusal>{} : change_managed_printers(request, read);
        if (changed) {
            tickets.push_back(request.ticket);
        } else {
            events_.push(Event{broker_target, RequestDone{.ticket = request.ticket,
                                                          .problem = changed.error().message,
                                                          .code = changed.error().code}});
        }
    }
    auto loaded = read(std::nullopt);
    for (const auto& warning : loaded.warnings) {
        spdlog::warn("configuration: {}", warning.to_string());
    }
    std::vector<std::string> errors;
    std::ranges::transform(loaded.problems, std::back_inserter(errors), &ConfigProblem::to_string);
    if (errors.empty()) {
        if (const auto moved = metrics_.restart(loaded.config.metrics); !moved) {
            errors.push_back(moved.error().detail);
        }
    }
    for (const auto& error : errors) {
        spdlog::error("configuration: {}", error);
    }
    auto result = errors.empty() ? read_memories(std::move(loaded.config), state_files_, services_.trust())
                                 : ReadConfig{.errors = std::move(errors)};
    result.tickets = std::move(tickets);
    reloads_.put(std::move(result));
    wake();
}

void Gateway::take_reloads(Now now, Effects& effects) {
    if (!bridge_.may_reconfigure()) {
        return;
    }
    for (auto& read : reloads_.take_all()) {
        const auto tickets = std::exchange(read.tickets, {});
        const auto result = apply(std::move(read), now, effects);
        if (!result.restart.empty()) {
            spdlog::warn("configuration: needs a restart: {}", fmt::join(result.restart, ", "));
        }
        spdlog::info("configuration read again: {}", in_words(result));
        for (const auto ticket : tickets) {
            const RequestDone done{.ticket = ticket,
                                   .problem = result.errors.empty() ? std::string{} : in_words(result),
                                   .data = json_of(result)};
            bridge_.handle(Event{broker_target, done}, now, effects);
        }
    }
}

/// Links of new printers exist before the bridge asks for them, those of removed ones until it has ended
/// them.
ReloadResult Gateway::apply(ReadConfig read, Now now, Effects& effects) {
    if (!read.errors.empty()) {
        return {.errors = std::move(read.errors)};
    }
    auto change = config_change(config_, std::move(read.config));
    auto result = result_of(change);
    if (!result.any()) {
        return result;
    }
    edges_.configure(change);
    std::vector<Json> saved;
    for (std::size_t i = 0; i < change.printers.size(); ++i) {
        const bool added = change.printers[i] == PrinterChange::added;
        saved.push_back(added ? read.memories.at(change.config.printers[i].serial).saved : Json());
    }
    if (change.config.log != config_.log) { // else a level that a request has set stays
        change_logging(change.config.log);
    }
    config_ = std::move(change.config);
    bridge_.reconfigure(bridge_settings(config_, read.memories, edges_), saved, now, effects);
    effects_.perform(effects);
    edges_.retire();
    local_service_.set_printers(edges_.targets());
    return result;
}

void Gateway::run() {
    Effects effects;
    bool started = false;
    while (!stopping_) {
        const auto work = [&] {
            if (!started) {
                bridge_.start(read_clocks(), effects);
                started = true;
                effects_.perform(effects);
            }
            turn(effects);
        };
        // An exception of one printer or one effect is caught where it belongs; this is for the rest.
        if (!effects_.turn(effects, work)) {
            std::this_thread::sleep_for(rest_after_failure);
        }
    }
    guard("gateway", [this] { drain(); });
}

/// One iteration of the core loop: waits for an event or a deadline, handles the queued events and what is
/// due, and sends the results; all with the same time.
void Gateway::turn(Effects& effects) {
    using enum EventQueue::Acknowledgements;
    auto event = events_.pop_until(wake_at_, bridge_.awaits_acknowledgements() ? wake : wait);
    const auto now = read_clocks();
    for (int taken = 1; event; ++taken) {
        local_service_.take(*event, now);
        bridge_.handle(*event, now, effects);
        effects_.perform(effects);
        if (std::holds_alternative<WorkDone>(event->body)) {
            edges_.work_done(event->target);
        }
        event = taken < most_events ? events_.pop() : std::nullopt;
    }
    for (auto& line : log_tap_.take()) {
        bridge_.handle(Event{broker_target, std::move(line)}, now, effects);
    }
    bridge_.tick(now, effects);
    effects_.perform(effects);
    take_reloads(now, effects);
    if (bridge_.health().due(now.instant)) {
        Health health{
            .uptime_seconds =
                std::chrono::duration_cast<std::chrono::seconds>(now.instant - started_at_).count()};
        trim_heap();
        read_process(health);
        bridge_.set_health(std::move(health), now);
        instance_files_.write_health(well_being());
    }
    effects_.perform(effects);
    post_messages(effects, now);
    effects_.perform(effects);
    metrics_.serve(bridge_, now);
    local_service_.serve(bridge_, now, effects);
    effects_.perform(effects);
    if (bridge_.broker_up() != reported_broker_up_ || bridge_.broker_problem() != reported_broker_problem_) {
        reported_broker_up_ = bridge_.broker_up();
        reported_broker_problem_ = bridge_.broker_problem();
        instance_files_.write_health(well_being());
    }
    wake_at_ = std::min(bridge_.deadline(), now.instant + 60s);
}

WellBeing Gateway::well_being() const {
    return {bridge_.broker_up(), bridge_.broker_problem(), bridge_.health().internal_errors()};
}

void Gateway::post_messages(Effects& effects, Now now) {
    const PublishBatch batch;
    bridge_.set_link_room(broker_.has_room());
    while (auto message = bridge_.next(now)) {
        if (const auto result = broker_.publish(*message)) {
            if (source_.clears_topics) {
                own_topics_.note(*message);
            }
            bridge_.taken(result.packet);
        } else {
            // If the connection has just broken, BrokerDown follows and everything is sent again.
            NotTaken why{.for_ever = result.hopeless};
            if (result.packet_bytes > 0) {
                why.oversized = OversizedPacket{result.packet_bytes, result.limit};
            }
            bridge_.not_taken(*std::move(message), why, now, effects);
        }
        bridge_.set_link_room(broker_.has_room());
    }
}

void Gateway::carry_out(const Effect& wanted) {
    const auto link = [&](std::size_t printer, const auto& use) {
        if (auto* const edge = edges_.find(printer)) {
            use(*edge->link);
        }
    };
    const Overloaded by_kind{
        [&](const ConnectPrinter& effect) {
            link(effect.printer, [&](PrinterPort& it) { it.connect(effect.host); });
        },
        [&](const DisconnectPrinter& effect) {
            link(effect.printer, [](PrinterPort& it) { it.disconnect(); });
        },
        [&](const SubscribeReports& effect) {
            link(effect.printer, [&](PrinterPort& it) { it.subscribe_reports(effect.subscribe); });
        },
        [&](const StartWork& effect) {
            if (!source_.no_work.empty()) {
                events_.push(
                    {effect.printer,
                     WorkDone{.feature = effect.feature, .job = effect.job, .problem = source_.no_work}});
            } else if (auto* const edge = edges_.find(effect.printer)) {
                edge->workers.start(effect);
            }
        },
        [&](const CancelWork& effect) {
            if (auto* const edge = edges_.find(effect.printer)) {
                edge->workers.cancel(effect.feature);
            }
        },
        [&](const TrustCertificate& effect) {
            link(effect.printer,
                 [&](PrinterPort& it) { it.trust(effect.host, effect.fingerprint, effect.ticket); });
        },
        [&](const SendRequest& effect) {
            link(effect.printer, [&](PrinterPort& it) { it.request(effect.payload); });
        },
        [&](const ConnectBroker&) { broker_.connect(); },
        [&](const ListenTo& effect) {
            effect.listen ? broker_.subscribe(effect.filter, effect.interest)
                          : broker_.unsubscribe(effect.filter);
        },
        [&](const SaveState& effect) {
            if (const auto* const edge = edges_.find(effect.printer)) {
                state_files_.save(edge->config.serial, effect.content);
            }
        },
        [&](const ForgetPrinter& effect) {
            if (std::ranges::find(config_.printers, effect.serial, &PrinterConfig::serial) ==
                config_.printers.end()) {
                state_files_.forget(effect.serial);
            }
        },
        [](const SetLogLevel& effect) { set_log_level(effect.level); },
        [&](const RunDoctor& effect) {
            events_.push(Event{broker_target,
                               RequestDone{.ticket = effect.ticket, .data = local_service_.report(bridge_)}});
        },
        [&](const ReloadConfig& effect) {
            if (source_.port) {
                events_.push(
                    Event{broker_target, RequestDone{.ticket = effect.ticket, .problem = source_.no_work}});
                return;
            }
            reloads_.request(effect);
            kill(getpid(), SIGHUP); // the main thread waits for it
        },
        [&](const LogLine& note) { spdlog::log(level_of(note.level), "{}: {}", note.source, note.text); },
    };
    std::visit(by_kind, wanted);
}

void Gateway::undo(const Effect& failed) {
    const Overloaded by_kind{
        [&](const ConnectPrinter& connect) { carry_out(DisconnectPrinter{connect.printer}); },
        [&](const SubscribeReports& subscribe) { carry_out(DisconnectPrinter{subscribe.printer}); },
        [&](const StartWork& start) {
            carry_out(CancelWork{.printer = start.printer, .feature = start.feature});
        },
        [&](const ConnectBroker&) { broker_.disconnect(); },
        [&](const ListenTo&) { broker_.disconnect(); },
        [](const auto&) {},
    };
    std::visit(by_kind, failed);
}

/// Publishes offline, waits for the acknowledgements, and closes all connections.
void Gateway::drain() {
    Effects effects;
    bridge_.shutdown(read_clocks(), effects);
    effects_.perform(effects);
    const auto deadline = std::chrono::steady_clock::now() + shutdown_timeout;
    while (!bridge_.quiet() && std::chrono::steady_clock::now() < deadline) {
        post_messages(effects, read_clocks());
        if (const auto event = events_.pop_until(std::min(bridge_.deadline(), deadline));
            event && event->target == broker_target) {
            bridge_.handle(*event, read_clocks(), effects);
            effects.clear(); // nothing new is started
        }
    }
    own_topics_.clear(broker_, events_);
    for (std::size_t i = 0; i < bridge_.size(); ++i) {
        const auto& settings = bridge_.session(i).settings();
        carry_out(DisconnectPrinter{settings.index});
        state_files_.save(settings.names.serial, bridge_.saved(i));
    }
    broker_.disconnect();
}

} // namespace bambu2mqtt
