#include "cli/gateway.hpp"

#include "cli/logging.hpp"
#include "cli/memory.hpp"
#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/io/mqtt/publish_batch.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <random>
#include <string_view>
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

std::vector<FormerPrinter> former_printers(const Config& config, const StateFiles& files) {
    auto printers = files.remembered();
    std::erase_if(printers, [&](const FormerPrinter& former) {
        return std::ranges::any_of(config.printers, [&](const PrinterConfig& printer) {
            return printer.serial == former.serial && printer.id == former.id;
        });
    });
    return printers;
}

/// True if the first certificate of this printer would be trusted. A pin that does not name the printer is
/// logged: only the command pin with --force creates one.
bool awaits_first_contact(const PrinterConfig& printer, TrustStore& trust) {
    if (printer.tls != TlsMode::pin) {
        return false;
    }
    const auto pin = trust.get(printer.serial);
    if (pin && pin->common_name != printer.serial) {
        spdlog::warn("{}: the pinned certificate is for '{}' and not for the serial; it is trusted because "
                     "this was forced by a user",
                     printer.id, printable_name(pin->common_name));
    }
    return !pin;
}

BridgeSettings bridge_settings(const Config& config, const StateFiles& files, TrustStore& trust) {
    std::random_device random;
    BridgeSettings settings{
        .discovery = {.prefix = config.home_assistant.discovery_prefix,
                      .base_topic = config.broker.base_topic,
                      .per_component = config.home_assistant.discovery == DiscoveryForm::component,
                      .policy = {.allow = config.control.allow,
                                 .raw_commands = config.control.raw_commands,
                                 .raw_topics = config.control.raw_topics,
                                 .trust_commands = config.control.trust_commands,
                                 .inline_limit = config.files.inline_limit,
                                 .files_directory =
                                     std::filesystem::absolute(config.files.directory).lexically_normal()},
                      .language = config.texts.language},
        .announce = config.home_assistant.enabled,
        .status_topic = config.home_assistant.status_topic,
        .response_topics = config.broker.response_topics,
        .client_id = config.broker.client_id,
        .log_level = config.log.level,
        .broker_nodes = config.broker.nodes(),
        .features = session_features(),
        .former = former_printers(config, files),
        .seed = random()};
    for (const auto& printer : config.printers) {
        settings.printers.push_back(
            SessionSettings{.index = settings.printers.size(),
                            .names = {printer.serial, printer.id, printer.name, printer.area},
                            .groups = printer.groups,
                            .model = printer.model,
                            .host = printer.host,
                            .follows = follows_announcements(printer),
                            .first_contact = awaits_first_contact(printer, trust),
                            .allow = printer.allow,
                            .usage_hours = printer.usage_hours,
                            .url_scheme = printer.url_scheme,
                            .seed = random()});
    }
    return settings;
}

/// Printers whose announcements are used.
std::map<std::string, std::size_t> followed_printers(const Config& config) {
    std::map<std::string, std::size_t> targets;
    for (std::size_t i = 0; i < config.printers.size(); ++i) {
        if (follows_announcements(config.printers[i])) {
            targets.emplace(config.printers[i].serial, i);
        }
    }
    return targets;
}

std::vector<Json> saved_states(const Config& config, const StateFiles& files) {
    std::vector<Json> saved;
    std::ranges::transform(config.printers, std::back_inserter(saved),
                           [&](const PrinterConfig& printer) { return files.load(printer.serial); });
    return saved;
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

Gateway::Gateway(const Config& config, const Templates& templates, const InstanceFiles& instance_files,
                 LogTap& log_tap, PrinterSource source)
    : config_(config), source_(std::move(source)), instance_files_(instance_files), log_tap_(log_tap),
      started_at_(read_clocks().instant), services_(config.state_directory),
      state_files_(
          config.state_directory, [](const std::string& text) { spdlog::warn("state: {}", text); },
          [](const std::string& text) { spdlog::info("state: {}", text); }),
      bridge_(bridge_settings(config, state_files_, services_.trust()), templates,
              saved_states(config, state_files_)),
      broker_(config.broker, BridgeTopics{config.broker.base_topic}.state(),
              config.home_assistant.enabled ? std::vector{config.home_assistant.status_topic}
                                            : std::vector<std::string>{},
              events_, services_),
      workers_(config, events_, services_),
      announcements_(followed_printers(config), ssdp_endpoints(), events_,
                     [](const std::string& text) { spdlog::warn("announcements of printers: {}", text); }),
      effects_(bridge_,
               {.carry_out = [this](const Effect& effect) { carry_out(effect); },
                .undo = [this](const Effect& effect) { undo(effect); }},
               read_clocks),
      metrics_([this] { wake(); }), local_service_(config, [this] { wake(); }) {
    for (std::size_t i = 0; i < config.printers.size(); ++i) {
        printers_.push_back(source_.port
                                ? source_.port(i, events_)
                                : std::make_unique<PrinterLink>(i, config.printers[i], events_, services_));
    }
}

Gateway::~Gateway() {
    log_tap_.listen({});
    stop();
}

expected<void, Error> Gateway::start() {
    if (auto started = metrics_.start(config_.metrics); !started) {
        return started;
    }
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
        event = taken < most_events ? events_.pop() : std::nullopt;
    }
    for (auto& line : log_tap_.take()) {
        bridge_.handle(Event{broker_target, std::move(line)}, now, effects);
    }
    bridge_.tick(now, effects);
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
    const Overloaded by_kind{
        [&](const ConnectPrinter& effect) { printers_[effect.printer]->connect(effect.host); },
        [&](const DisconnectPrinter& effect) { printers_[effect.printer]->disconnect(); },
        [&](const SubscribeReports& effect) {
            printers_[effect.printer]->subscribe_reports(effect.subscribe);
        },
        [&](const StartWork& effect) {
            if (source_.no_work.empty()) {
                workers_.start(effect);
            } else {
                events_.push(
                    {effect.printer,
                     WorkDone{.feature = effect.feature, .job = effect.job, .problem = source_.no_work}});
            }
        },
        [&](const CancelWork& effect) { workers_.cancel(effect); },
        [&](const TrustCertificate& effect) {
            printers_[effect.printer]->trust(effect.host, effect.fingerprint, effect.ticket);
        },
        [&](const SendRequest& effect) { printers_[effect.printer]->request(effect.payload); },
        [&](const ConnectBroker&) { broker_.connect(); },
        [&](const ListenTo& effect) {
            effect.listen ? broker_.subscribe(effect.filter, effect.interest)
                          : broker_.unsubscribe(effect.filter);
        },
        [&](const SaveState& effect) {
            state_files_.save(config_.printers[effect.printer].serial, effect.content);
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
        [&](const LogLine& note) { spdlog::log(level_of(note.level), "{}: {}", note.source, note.text); },
    };
    std::visit(by_kind, wanted);
}

void Gateway::undo(const Effect& failed) {
    const Overloaded by_kind{
        [&](const ConnectPrinter& connect) { printers_[connect.printer]->disconnect(); },
        [&](const SubscribeReports& subscribe) { printers_[subscribe.printer]->disconnect(); },
        [&](const StartWork& start) {
            workers_.cancel({.printer = start.printer, .feature = start.feature});
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
    for (std::size_t i = 0; i < printers_.size(); ++i) {
        printers_[i]->disconnect();
        state_files_.save(config_.printers[i].serial, bridge_.saved(i));
    }
    broker_.disconnect();
}

} // namespace bambu2mqtt
