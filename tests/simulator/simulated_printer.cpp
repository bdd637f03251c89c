#include "simulator/simulated_printer.hpp"

#include "simulator/commands.hpp"
#include "simulator/initial_state.hpp"
#include "simulator/orders.hpp"

#include <iterator>
#include <utility>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t most_requests_kept = 100'000;
constexpr std::string_view pushall = "pushing.pushall";
constexpr std::string_view get_version = "info.get_version";

/// True for requests without an effect.
bool is_query(const Request& request) {
    return request.name() == pushall || request.name() == get_version;
}

json version_of(const SimulatedPrinter& printer, const Request& request) {
    json info{{"command", "get_version"},
              {"module", modules(printer.model(), printer.serial())},
              {"sequence_id", request.arguments.value("sequence_id", json("0"))}};
    if (!printer.model().newer_protocol)
        info.update({{"result", "success"}, {"reason", ""}});
    return info;
}

} // namespace

SimulatedPrinter::SimulatedPrinter(SimulatedPrinterOptions options, std::vector<BehaviourRule> behaviour)
    : Machine{std::move(options)} {
    for (auto& rule : behaviour)
        behaviour_.add(std::move(rule));
}

Reaction SimulatedPrinter::answer(std::string_view text, Uptime now) {
    move_clock(now);
    if (requests_.size() < most_requests_kept)
        requests_.push_back({.payload = std::string{text}, .time = Machine::now(), .session = session_});
    const auto request = parse_request(text);
    return request ? treat(*request) : Reaction{};
}

Reaction SimulatedPrinter::treat(const Request& request) {
    if (session_limit_ && answered_ >= *session_limit_) {
        hold(request);
        return {};
    }
    auto reaction = carry_out(request);
    if (!is_query(request) && !reaction.answers.empty())
        ++answered_;
    return reaction;
}

void SimulatedPrinter::hold(const Request& request) {
    if (is_query(request) || after_last_answer_ == AfterLastAnswer::done_in_next_session)
        held_.push_back({.request = request});
    else
        held_.push_back({.answers = carry_out(request).answers});
}

Reaction SimulatedPrinter::connected(int session, Uptime now) {
    move_clock(now);
    session_ = session;
    answered_ = 0;
    Reaction released;
    for (auto& held : std::exchange(held_, {})) {
        auto answers = held.request ? carry_out(*held.request).answers : std::move(held.answers);
        std::move(answers.begin(), answers.end(), std::back_inserter(released.answers));
    }
    return released;
}

std::string SimulatedPrinter::obey(std::string_view order, Uptime now) {
    move_clock(now);
    return carry_out_order(*this, order);
}

/// Reported for A1 mini firmware 01.07.02.00, and for firmware that sends no `fun`: only the HMS list shows
/// it.
bool SimulatedPrinter::refuses_silently() const {
    return model().family == Family::a1 || !settings().reports_fun;
}

Reaction SimulatedPrinter::carry_out(const Request& request) {
    if (const auto* const rule = behaviour_.of(request.name()))
        return carry_out(request, *rule);
    if (settings().developer_mode || request.name_space != "print")
        return carry_out(request, BehaviourRule{});
    refuse_unsigned();
    if (refuses_silently())
        return {};
    return carry_out(request,
                     {.behaviour_kind = Behaviour::refuses, .refusal = signature_refusal(model().family)});
}

Reaction SimulatedPrinter::carry_out(const Request& request, const BehaviourRule& rule) {
    Reaction reaction{.delay = rule.delay, .contact = rule.contact};
    const bool says_nothing =
        rule.behaviour_kind == Behaviour::mute || rule.behaviour_kind == Behaviour::silent;
    if (request.name() == pushall && !says_nothing && rule.behaviour_kind != Behaviour::refuses) {
        reaction.answers.push_back(full_report());
        return reaction;
    }
    auto body = body_of_answer(request, rule);
    if (!body || says_nothing)
        return reaction;
    shorten(*body, rule.shortened);
    reaction.answers.push_back(in_envelope(request.name_space, std::move(*body)));
    return reaction;
}

/// Executes the request if the rules allow it.
std::optional<json> SimulatedPrinter::body_of_answer(const Request& request, const BehaviourRule& rule) {
    if (rule.behaviour_kind == Behaviour::refuses)
        return refusal_body(request, rule.refusal);
    if (request.name() == get_version)
        return version_of(*this, request);
    const auto* const command = find_command(request.name());
    if (rule.behaviour_kind == Behaviour::no_effect)
        return answer_body(request, model().family, command == nullptr ? AnswerForm::plain : command->form,
                           done());
    if (rule.behaviour_kind == Behaviour::mute || command == nullptr)
        return std::nullopt;
    return answer_body(request, model().family, command->form, command->act(*this, request));
}

void SimulatedPrinter::limit_sessions(std::optional<int> answers, AfterLastAnswer after) {
    session_limit_ = answers;
    after_last_answer_ = after;
    answered_ = 0;
}

std::vector<json> SimulatedPrinter::requests(const std::string& name) const {
    std::vector<json> bodies;
    for (const auto& received : requests_) {
        auto request = parse_request(received.payload);
        if (request && request->name() == name)
            bodies.push_back(std::move(request->arguments));
    }
    return bodies;
}

} // namespace bambu2mqtt::simulator
