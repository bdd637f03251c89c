#include "simulator/simulated_printer.hpp"

#include "simulator/initial_state.hpp"

#include <utility>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t most_requests_kept = 100'000;

std::vector<std::string> answer_pushall(SimulatedPrinter& printer, const Request&) {
    return {printer.full_report()};
}

std::vector<std::string> answer_get_version(SimulatedPrinter& printer, const Request& request) {
    json info{{"command", "get_version"},
              {"module", modules(printer.model(), printer.serial())},
              {"sequence_id", request.arguments.value("sequence_id", json("0"))}};
    if (!printer.model().newer_protocol)
        info.update({{"result", "success"}, {"reason", ""}});
    json whole;
    whole["info"] = std::move(info);
    return {whole.dump()};
}

/// Lamps take no signature on real printers, so this one is always obeyed.
std::vector<std::string> answer_ledctrl(SimulatedPrinter& printer, const Request& request) {
    const auto word = [&request](const char* key) {
        const auto found = request.arguments.find(key);
        return found != request.arguments.end() && found->is_string() ? found->get<std::string>()
                                                                      : std::string{};
    };
    if (!printer.set_light(word("led_node"), word("led_mode")))
        return {failure(request, "invalid led_node")};
    return {acknowledgement(request)};
}

} // namespace

SimulatedPrinter::SimulatedPrinter(SimulatedPrinterOptions options) : Machine{std::move(options)} {
    on("pushing.pushall", answer_pushall);
    on("info.get_version", answer_get_version);
    on("system.ledctrl", answer_ledctrl);
}

Reaction SimulatedPrinter::answer(std::string_view request, Uptime now) {
    move_clock(now);
    if (requests_.size() < most_requests_kept)
        requests_.push_back({.payload = std::string{request}, .time = Machine::now(), .session = session_});
    const auto parsed = parse_request(request);
    if (!parsed)
        return {};
    const auto handler = handlers_.find(parsed->name());
    if (handler == handlers_.end())
        return {};
    return {.answers = handler->second(*this, *parsed)};
}

Reaction SimulatedPrinter::connected(int session, Uptime now) {
    move_clock(now);
    session_ = session;
    return {};
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
