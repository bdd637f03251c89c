#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/printer/reply.hpp>
#include <bambu2mqtt/printer/text.hpp>

#include <fmt/format.h>

#include <array>

namespace bambu2mqtt {

namespace {

using simdjson::dom::object;

/// Text, or a number as text.
std::string reply_text(const object& body, std::string_view key) {
    std::string_view text;
    if (body[key].get(text) == simdjson::SUCCESS) {
        return std::string{text};
    }
    std::int64_t number = 0;
    return body[key].get(number) == simdjson::SUCCESS ? std::to_string(number) : std::string{};
}

std::int64_t number_at(const object& body, std::string_view key) {
    std::int64_t number = 0;
    return body[key].get(number) == simdjson::SUCCESS ? number : 0;
}

bool reply_holds(const object& body, std::string_view key) {
    return body[key].error() == simdjson::SUCCESS;
}

/// An err_code for missing signatures: 0x05024007 to 0x0502400C.
bool is_signature_code(std::int64_t code) {
    return code >= not_signed && code <= 84033548;
}

constexpr std::string_view profiles_request = "extrusion_cali_get";

/// P2S and H2 report an empty list of profiles as a failure. Recorded: P2S 01.02.
bool is_empty_list(const object& body) {
    return reply_text(body, "command") == profiles_request && reply_holds(body, "filaments") &&
           lower(reply_text(body, "reason")) == "not find";
}

Verdict verdict_of(const object& body, std::int64_t code) {
    const auto result = lower(reply_text(body, "result"));
    if (is_empty_list(body)) {
        return Verdict::accepted;
    }
    if (result == "success" || result == "ok" || result == "0") {
        return Verdict::accepted;
    }
    if (!result.empty() || code != 0) {
        return Verdict::refused;
    }
    return reply_holds(body, "module") ? Verdict::accepted : Verdict::echoed;
}

// Limits of lists in answers, far above what was recorded: 10 modules, 4 profiles, 13 members.
constexpr std::size_t most_modules = 64;
constexpr std::size_t most_profiles = 500;
constexpr std::size_t most_members = 32;

/// Which members of a listed object are passed on.
enum class Members : std::uint8_t {
    texts,  ///< texts alone
    simple, ///< texts, integers and flags
};

/// The objects of a list with their members; texts and keys as printer_text() bounds them.
OrderedJson listed(const object& body, std::string_view key, Members members, std::size_t most) {
    OrderedJson result = OrderedJson::array();
    simdjson::dom::array list;
    if (body[key].get(list) != simdjson::SUCCESS) {
        return result;
    }
    for (const auto item : list) {
        object source;
        if (result.size() >= most || item.get(source) != simdjson::SUCCESS) {
            continue;
        }
        OrderedJson copied = OrderedJson::object();
        for (const auto field : source) {
            std::string_view text;
            std::int64_t number = 0;
            bool flag = false;
            if (copied.size() >= most_members) {
                break;
            }
            if (field.value.get(text) == simdjson::SUCCESS) {
                copied[printer_text(field.key)] = printer_text(text);
            } else if (members == Members::simple && field.value.get(number) == simdjson::SUCCESS) {
                copied[printer_text(field.key)] = number;
            } else if (members == Members::simple && field.value.get(flag) == simdjson::SUCCESS) {
                copied[printer_text(field.key)] = flag;
            }
        }
        result.push_back(std::move(copied));
    }
    return result;
}

/// {"SPACE": body}, if not too long.
std::string whole_text(const Report& report) {
    auto text = fmt::format("{{\"{}\":{}}}", report.space, simdjson::minify(report.body));
    return text.size() <= longest_whole_reply ? text : std::string{};
}

/// Texts that only repeat the result.
bool says_nothing(std::string_view reason, std::string_view result) {
    const auto word = lower(reason);
    return word.empty() || word == lower(result) || word == "success" || word == "error string";
}

} // namespace

std::optional<Reply> reply_of(const Report& report) {
    switch (report.kind) {
    case ReportKind::reply:
    case ReportKind::modules:
    case ReportKind::led:
    case ReportKind::project:
        break;
    default:
        return std::nullopt;
    }
    Reply reply;
    reply.space = report.space;
    reply.command = report.command;
    reply.sequence = reply_text(report.body, "sequence_id");
    if (reply.sequence.empty()) {
        reply.sequence = reply_text(report.body, "sequenceId");
    }
    reply.code = number_at(report.body, "err_code");
    if (reply.code == 0) {
        reply.code = number_at(report.body, "errno");
    }
    reply.verdict = verdict_of(report.body, reply.code);
    const auto reason = reply_text(report.body, "reason");
    reply.reason =
        says_nothing(reason, reply_text(report.body, "result")) ? std::string{} : sanitize_for_log(reason);
    reply.wants_signature = reply.verdict == Verdict::refused &&
                            (is_signature_code(reply.code) || reason == "mqtt message verify failed");
    if (report.kind == ReportKind::modules) {
        reply.data = listed(report.body, "module", Members::texts, most_modules);
    } else if (reply.command == profiles_request) {
        reply.data = listed(report.body, "filaments", Members::simple, most_profiles);
    }
    reply.whole = whole_text(report);
    return reply;
}

OrderedJson whole_of(const Reply& reply) {
    const auto json = read::json(reply.whole);
    return json ? OrderedJson(*json) : OrderedJson();
}

std::string words_of(const Reply& reply) {
    std::string text = "the printer refused the command";
    if (!reply.reason.empty()) {
        text += ": " + reply.reason;
    }
    if (reply.code > 0) {
        text += fmt::format(" ({:04X}-{:04X})", reply.code >> 16, reply.code & 0xFFFF);
    } else if (reply.code < 0) {
        text += fmt::format(" (errno {})", reply.code);
    }
    return text;
}

} // namespace bambu2mqtt
