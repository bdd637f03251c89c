#include "gateway/bridge_requests.hpp"

#include "gateway/response_messages.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/log_level.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Outcomes of requests are small: they get a part of the memory of all outcomes.
constexpr std::size_t response_sharers = 20;

/// A request gets the last health, unless it is older than this.
constexpr auto health_lifetime = 1s;

constexpr auto level_words = [] {
    std::array<Word, log_level_words.size()> words{};
    for (std::size_t i = 0; i < words.size(); ++i) {
        words[i] = Word{log_level_words[i], static_cast<int>(i)};
    }
    return words;
}();

constexpr std::array level_arguments{
    Argument{.name = "level", .kind = Kind::word, .required = true, .words = level_words, .meaning = "level"},
};

constexpr std::array action_words{Word{"add", 0}, Word{"change", 1}, Word{"remove", 2}};

constexpr std::array printers_arguments{
    Argument{.name = "action",
             .kind = Kind::word,
             .required = true,
             .words = action_words,
             .meaning = "what happens"},
    Argument{.name = "printer",
             .kind = Kind::object,
             .required = true,
             .meaning = "serial; to add or change it also host, access_code, id, name, area, groups"},
};

Refusal unknown_request(std::string_view name) {
    std::vector<std::string_view> names;
    std::ranges::transform(BridgeRequests::rows(), std::back_inserter(names), &BridgeRequests::Row::name);
    return Refusal{Code::unknown_command,
                   fmt::format("unknown request \"{}\", expected {}", sanitize_for_log(name), one_of(names))};
}

} // namespace

std::span<const BridgeRequests::Row> BridgeRequests::rows() {
    static constexpr std::array table{
        Row{.name = "health",
            .summary = "Publishes bridge/health now; the data of the outcome is the same",
            .run = &BridgeRequests::read_health},
        Row{.name = "log_level",
            .summary = "Changes the level of the log until the gateway is started again",
            .arguments = level_arguments,
            .needs_full = true,
            .run = &BridgeRequests::change_log_level},
        Row{.name = "doctor",
            .summary = "Runs the checks of the command doctor, at most once a minute",
            .run = &BridgeRequests::run_doctor},
        Row{.name = "reload",
            .summary = "Reads the configuration again and applies what has changed",
            .needs_full = true,
            .run = &BridgeRequests::reload},
        Row{.name = "printers",
            .summary = "Adds, changes or removes a printer, with control.manage_printers",
            .arguments = printers_arguments,
            .needs_full = true,
            .run = &BridgeRequests::change_printers},
    };
    return table;
}

BridgeRequests::BridgeRequests(const BridgeSettings& settings, BridgeHealth& health)
    : settings_(settings), health_(health), log_level_(settings.log_level), responses_(response_sharers) {}

void BridgeRequests::handle(std::string_view name, const BrokerMessage& message, Now now, Effects& effects) {
    constexpr std::string_view nameless = "unknown"; // without a name the payload would be asked for it
    auto read = command_request_of(message.payload, name.empty() ? nameless : name);
    auto& request = read.command_request;
    request.sender = return_address(message, response_topics_of(settings_));
    if (!read.refusal && responses_.repeat(request, now.instant)) {
        return;
    }
    const auto ticket = ++last_ticket_;
    responses_.begin(ticket, std::move(request.sender));
    if (!read.refusal) {
        responses_.remember(request.request_id, ticket, now.instant);
    }
    running_.emplace(ticket, Running{request.command, request.request_id});
    if (auto outcome = run(read, ticket, now, effects)) {
        finish(ticket, *std::move(outcome), now);
    }
}

std::optional<Outcome> BridgeRequests::run(const ParsedCommandRequest& read, Ticket ticket, Now now,
                                           Effects& effects) {
    const auto& request = read.command_request;
    const auto all = rows();
    const auto row = std::ranges::find(all, request.command, &Row::name);
    if (row == all.end()) {
        return refused({}, unknown_request(request.command));
    }
    if (read.refusal) {
        return refused({}, *read.refusal);
    }
    if (row->needs_full && settings_.discovery.policy.allow != ControlLevel::full) {
        return refused({}, Refusal{Code::not_allowed, "this needs control.allow = \"full\""});
    }
    const auto arguments = check_arguments(row->arguments, request.arguments);
    if (!arguments) {
        return refused({}, arguments.error());
    }
    return (this->*row->run)(*arguments, ticket, now, effects);
}

std::optional<Outcome> BridgeRequests::read_health(const Json& /*arguments*/, Ticket ticket, Now now,
                                                   Effects& /*effects*/) {
    if (!last_health_.is_null() && now.instant - health_at_ < health_lifetime) {
        return Outcome{.status = Status::done, .data = last_health_};
    }
    health_.request(now.instant);
    awaits_health_.push_back(ticket);
    return std::nullopt;
}

void BridgeRequests::health_known(OrderedJson health, Now now) {
    last_health_ = std::move(health);
    health_at_ = now.instant;
    for (const auto ticket : std::exchange(awaits_health_, {})) {
        finish(ticket, Outcome{.status = Status::done, .data = last_health_}, now);
    }
}

std::optional<Outcome> BridgeRequests::change_log_level(const Json& arguments, Ticket /*ticket*/, Now /*now*/,
                                                        Effects& effects) {
    const std::string level{read::text_member(arguments, "level")};
    const auto old = std::exchange(log_level_, level);
    effects.push_back(SetLogLevel{level});
    return Outcome{.status = Status::done,
                   .message = fmt::format("the level of the log was \"{}\" and is \"{}\"", old, level),
                   .data = {{"old", old}, {"level", level}}};
}

std::optional<Outcome> BridgeRequests::run_doctor(const Json& /*arguments*/, Ticket ticket, Now now,
                                                  Effects& effects) {
    if (doctor_at_ && now.instant - *doctor_at_ < doctor_interval) {
        const auto wait =
            std::chrono::ceil<std::chrono::seconds>(*doctor_at_ + doctor_interval - now.instant);
        return refused({}, Refusal{Code::busy, fmt::format("the checks run at most once a minute: the next "
                                                           "time in {} s",
                                                           wait.count())});
    }
    doctor_at_ = now.instant;
    effects.push_back(RunDoctor{ticket});
    return std::nullopt;
}

std::optional<Outcome> BridgeRequests::reload(const Json& /*arguments*/, Ticket ticket, Now /*now*/,
                                              Effects& effects) {
    effects.push_back(ReloadConfig{.ticket = ticket});
    return std::nullopt;
}

std::optional<Outcome> BridgeRequests::change_printers(const Json& arguments, Ticket ticket, Now /*now*/,
                                                       Effects& effects) {
    if (!settings_.manage_printers) {
        return refused({}, Refusal{Code::not_allowed, "control.manage_printers is not set"});
    }
    effects.push_back(ReloadConfig{.ticket = ticket,
                                   .action = std::string{read::text_member(arguments, "action")},
                                   .printer = arguments["printer"].dump()});
    return std::nullopt;
}

void BridgeRequests::handle(const RequestDone& done, Now now) {
    if (done.code != Code::none) {
        finish(done.ticket, refused({}, Refusal{done.code, done.problem}), now);
        return;
    }
    auto data = OrderedJson::parse(done.data, nullptr, false);
    finish(done.ticket,
           Outcome{.status = done.problem.empty() ? Status::done : Status::failed,
                   .message = done.problem,
                   .data = data.is_discarded() ? OrderedJson() : std::move(data)},
           now);
}

void BridgeRequests::abandon(std::string_view why, Now now) {
    while (!running_.empty()) {
        finish(running_.begin()->first, Outcome{.status = Status::failed, .message = std::string{why}}, now);
    }
}

/// Does nothing for a request that has ended.
void BridgeRequests::finish(Ticket ticket, Outcome outcome, Now now) {
    const auto found = running_.find(ticket);
    if (found == running_.end()) {
        return;
    }
    outcome.command = std::move(found->second.name);
    outcome.request_id = std::move(found->second.request_id);
    running_.erase(found);
    responses_.add_final(CommandResponse{.ticket = ticket, .outcome = std::move(outcome)}, now.wall);
}

std::string BridgeRequests::response_name(const CommandResponse& response) {
    const auto name = read::text_member(response.payload, "command");
    return is_plain_level(name) ? std::string{name} : "unknown";
}

} // namespace bambu2mqtt
