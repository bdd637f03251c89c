#include "simulator/orders.hpp"

#include "simulator/drying.hpp"
#include "simulator/simulated_printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt::simulator {
namespace {

using Words = std::vector<std::string>;

constexpr const char* ok = "ok";

std::vector<std::string> words_of(std::string_view text) {
    Words words;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \t\r\n"), text.size());
        if (end > 0)
            words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

/// The code without the separators between its digits: "0300-400C", "0300_0100_0001_0003".
std::optional<std::uint64_t> code_in(std::string text) {
    text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '-' || c == '_'; }),
               text.end());
    std::uint64_t code = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, code, 16);
    return !text.empty() && error == std::errc{} && stopped == end ? std::optional{code} : std::nullopt;
}

/// A code of eight digits as a number, as in print_error.
std::optional<std::uint32_t> error_in(const std::string& text) {
    const auto code = code_in(text);
    return code && *code <= 0xFFFFFFFFU ? std::optional{static_cast<std::uint32_t>(*code)} : std::nullopt;
}

std::optional<std::chrono::milliseconds> seconds_in(const std::string& text) {
    double seconds = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, seconds);
    constexpr double longest = 1e6;
    if (error != std::errc{} || stopped != end || !(seconds >= 0 && seconds <= longest))
        return std::nullopt;
    return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

/// The word at that position, or a default.
std::string word(const Words& words, std::size_t index, std::string otherwise = {}) {
    return index < words.size() ? words[index] : std::move(otherwise);
}

std::string print(SimulatedPrinter& printer, const Words& words) {
    const auto seconds = words.empty() ? std::optional{printer.durations().print} : seconds_in(words[0]);
    if (!seconds)
        return "SECONDS was expected, not '" + words[0] + "'";
    PrintJob job;
    if (words.size() > 1)
        job.name = fmt::format("{}", fmt::join(words.begin() + 1, words.end(), " "));
    printer.start_print(job, *seconds);
    return ok;
}

std::string pause(SimulatedPrinter& printer, const Words&) {
    printer.pause();
    return ok;
}

std::string resume(SimulatedPrinter& printer, const Words&) {
    printer.resume();
    return ok;
}

std::string cancel(SimulatedPrinter& printer, const Words&) {
    printer.cancel();
    return ok;
}

std::string finish(SimulatedPrinter& printer, const Words&) {
    printer.finish();
    return ok;
}

std::string run_out(SimulatedPrinter& printer, const Words& words) {
    if (words.empty()) {
        printer.run_out_of_filament();
        return ok;
    }
    if (words[0] != "backup")
        return "backup or nothing was expected, not '" + words[0] + "'";
    return printer.switch_to_backup() ? ok
                                      : "no slot of the AMS can take over, or nothing is printed from one";
}

std::string set_dryer(SimulatedPrinter& printer, const Words& words) {
    std::vector<int> reasons;
    for (const auto& text : words) {
        const auto* const end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, reasons.emplace_back());
        if (error != std::errc{} || stopped != end || reasons.back() < 0)
            return "a number of dry_sf_reason was expected, not '" + text + "'";
    }
    for (const auto& unit : printer.model().units) {
        if (can_dry(unit.kind))
            set_drying_obstacles(printer, unit.id, reasons);
    }
    return ok;
}

std::string fail(SimulatedPrinter& printer, const Words& words) {
    const auto error = error_in(word(words, 0));
    if (!error)
        return "a CODE was expected, as 0300-8004";
    printer.fail(*error);
    return ok;
}

std::string set_error(SimulatedPrinter& printer, const Words& words) {
    const auto error = error_in(word(words, 0));
    if (!error)
        return "a CODE was expected, as 0300-8004, or 0";
    printer.set_print_error(*error);
    return ok;
}

std::string set_hms(SimulatedPrinter& printer, const Words& words) {
    std::vector<Hms> entries;
    for (const auto& text : words) {
        const auto code = text == "none" ? std::nullopt : code_in(text);
        if (!code && text != "none")
            return "a CODE was expected, as 0300-0100-0001-0003, not '" + text + "'";
        if (code)
            entries.push_back({.attribute = static_cast<std::uint32_t>(*code >> 32U),
                               .code = static_cast<std::uint32_t>(*code & 0xFFFFFFFFU)});
    }
    printer.set_hms(entries);
    return ok;
}

/// One of two words.
std::optional<bool> either(const Words& words, std::string_view yes, std::string_view no) {
    const auto text = word(words, 0);
    return text == yes ? std::optional{true} : text == no ? std::optional{false} : std::nullopt;
}

std::string set_door(SimulatedPrinter& printer, const Words& words) {
    const auto open = either(words, "open", "closed");
    if (!open)
        return "open or closed was expected";
    printer.set_door(*open);
    return ok;
}

std::string set_developer_mode(SimulatedPrinter& printer, const Words& words) {
    const auto on = either(words, "on", "off");
    if (!on)
        return "on or off was expected";
    printer.set_developer_mode(*on);
    return ok;
}

std::string set_old_values(SimulatedPrinter& printer, const Words& words) {
    const auto on = either(words, "on", "off");
    if (!on)
        return "on or off was expected";
    printer.set_keeps_old_values(*on);
    return ok;
}

std::string set_cancel_code(SimulatedPrinter& printer, const Words& words) {
    const auto late = either(words, "late", "at_once");
    if (!late)
        return "late or at_once was expected";
    printer.set_cancel_code(*late ? CancelCode::one_report_later : CancelCode::with_the_state);
    return ok;
}

template <Behaviour behaviour_kind>
std::string behave(SimulatedPrinter& printer, const Words& words) {
    printer.behaviour().add({.requests = word(words, 0, "*"), .behaviour_kind = behaviour_kind});
    return ok;
}

std::string refuse(SimulatedPrinter& printer, const Words& words) {
    auto refusal = signature_refusal(printer.model().family);
    if (words.size() > 1) {
        const auto code = error_in(words[1]);
        if (!code)
            return "a CODE was expected, as 0500-4004, not '" + words[1] + "'";
        refusal = {.err_code = *code};
    }
    printer.behaviour().add({.requests = word(words, 0, "*"),
                             .behaviour_kind = Behaviour::refuses,
                             .refusal = std::move(refusal)});
    return ok;
}

std::string delay(SimulatedPrinter& printer, const Words& words) {
    const auto seconds = seconds_in(word(words, 0));
    if (!seconds)
        return "SECONDS was expected";
    printer.behaviour().add({.requests = word(words, 1, "*"), .delay = *seconds});
    return ok;
}

std::string drop(SimulatedPrinter& printer, const Words& words) {
    printer.behaviour().add({.requests = word(words, 0, "*"), .contact = Contact::dropped});
    return ok;
}

std::string leave_out(SimulatedPrinter& printer, const Words& words) {
    const auto what = word(words, 0);
    const auto shortened = what == "sequence_id" ? Shortened::without_sequence_id
                           : what == "command"   ? Shortened::without_command
                           : what == "result"    ? Shortened::only_command_and_id
                                                 : Shortened::no;
    if (shortened == Shortened::no)
        return "sequence_id, command or result was expected";
    printer.behaviour().add({.requests = word(words, 1, "*"), .shortened = shortened});
    return ok;
}

std::string limit(SimulatedPrinter& printer, const Words& words) {
    const auto text = word(words, 0);
    int answers = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, answers);
    if (text != "off" && (error != std::errc{} || stopped != end || answers < 0))
        return "a number of answers or off was expected";
    printer.limit_sessions(text == "off" ? std::nullopt : std::optional{answers});
    return ok;
}

std::string be_polite(SimulatedPrinter& printer, const Words&) {
    printer.behaviour().clear();
    printer.limit_sessions(std::nullopt);
    return ok;
}

std::string list_requests(SimulatedPrinter& printer, const Words&) {
    constexpr std::size_t most = 20;
    const auto& all = printer.requests();
    std::string text = fmt::format("{} requests", all.size());
    for (auto place = all.size() - std::min(all.size(), most); place < all.size(); ++place)
        text += fmt::format("\n{} ms, session {}: {}", all[place].time.count(), all[place].session,
                            all[place].payload);
    return text;
}

std::string help(SimulatedPrinter&, const Words&) {
    return order_help();
}

struct Order {
    std::string_view name{};
    std::string_view arguments{};
    std::string_view meaning{};
    std::string (*act)(SimulatedPrinter&, const Words&) = nullptr;
};

// clang-format off
constexpr std::array orders{
    Order{"print", "[SECONDS] [NAME]", "begin a job", print},
    Order{"pause", "", "pause it, as the button does", pause},
    Order{"resume", "", "continue", resume},
    Order{"cancel", "", "cancel it", cancel},
    Order{"finish", "", "the job is finished immediately", finish},
    Order{"runout", "[backup]", "the filament is used up; backup: the next slot takes over", run_out},
    Order{"fail", "CODE", "the job fails with that error", fail},
    Order{"error", "CODE", "print_error; 0 clears", set_error},
    Order{"hms", "CODE...", "the HMS list; none empties it (P2S and X2D keep 0500-0600-0002-0070)", set_hms},
    Order{"door", "open|closed", "where the model reports it", set_door},
    Order{"developer_mode", "on|off", "off: print.* needs a signature", set_developer_mode},
    Order{"dryer", "[REASON...]", "numbers of dry_sf_reason against drying; none: it can dry", set_dryer},
    Order{"old_values", "on|off", "numbers of the previous job while one is prepared", set_old_values},
    Order{"cancel_code", "late|at_once", "when the code of a cancelled job comes", set_cancel_code},
    Order{"obey", "[REQUESTS]", "execute and answer", behave<Behaviour::obeys>},
    Order{"mute", "[REQUESTS]", "neither execute nor answer; reports continue", behave<Behaviour::mute>},
    Order{"silent", "[REQUESTS]", "execute without an answer", behave<Behaviour::silent>},
    Order{"no_effect", "[REQUESTS]", "answer without executing", behave<Behaviour::no_effect>},
    Order{"refuse", "[REQUESTS] [CODE]", "refuse with err_code CODE, else for lack of a signature", refuse},
    Order{"delay", "SECONDS [REQUESTS]", "answer late", delay},
    Order{"drop", "[REQUESTS]", "cut the connection instead of an answer", drop},
    Order{"leave_out", "sequence_id|command|result [REQUESTS]", "of answers; result: the echo as well", leave_out},
    Order{"limit", "N|off", "answers to commands in a session; the rest comes in the next", limit},
    Order{"polite", "", "forget all rules about requests", be_polite},
    Order{"requests", "", "how many came, and the last 20", list_requests},
    Order{"help", "", "these lines", help},
};
// clang-format on

} // namespace

std::string order_help() {
    std::string text;
    for (const auto& order : orders)
        text += fmt::format("{:<50} {}\n", fmt::format("{} {}", order.name, order.arguments), order.meaning);
    return text + "REQUESTS is a name, print.pause, or a pattern, print.* or * (the default)";
}

std::string carry_out_order(SimulatedPrinter& printer, std::string_view order) {
    auto words = words_of(order);
    const auto name = word(words, 0);
    const auto* const found = std::find_if(
        orders.begin(), orders.end(), [&name](const Order& candidate) { return candidate.name == name; });
    if (found == orders.end())
        return "no such order: '" + name + "'; help lists them";
    words.erase(words.begin());
    return found->act(printer, words);
}

} // namespace bambu2mqtt::simulator
