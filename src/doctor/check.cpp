#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/doctor/check.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

Check passed(std::string subject, std::string name, std::string detail) {
    return {.subject = std::move(subject), .name = std::move(name), .detail = std::move(detail)};
}

Check skipped(std::string subject, std::string name, std::string reason) {
    return {
        .subject = std::move(subject), .name = std::move(name), .skipped = true, .detail = std::move(reason)};
}

Check found(std::string subject, std::string name, Fault fault, std::string detail) {
    return {
        .subject = std::move(subject), .name = std::move(name), .fault = fault, .detail = std::move(detail)};
}

std::string line_of(const Check& check) {
    const auto head = fmt::format("{:<14} {:<24} ", check.subject, check.name);
    if (!check.fault) {
        return fmt::format("{}{}{}{}\n", head, check.skipped ? "not checked" : "ok",
                           check.detail.empty() ? "" : ": ", check.detail);
    }
    const auto& row = finding_of(*check.fault);
    const auto detail = check.detail.empty() ? std::string{} : fmt::format(" ({})", check.detail);
    return fmt::format("{}{}: {}{}\n    what to do: {}\n", head, row.id, row.text, detail, row.advice);
}

std::optional<Check> parse_check(std::string_view text) {
    const auto json = read::json(text);
    const auto result = json ? read::text_member(*json, "result") : std::string_view{};
    if (result != "ok" && result != "skipped" && result != "finding") {
        return std::nullopt;
    }
    Check check{.subject = std::string(read::text_member(*json, "subject")),
                .name = std::string(read::text_member(*json, "check")),
                .skipped = result == "skipped",
                .detail = std::string(read::text_member(*json, "detail"))};
    if (result == "finding") {
        const auto rows = findings();
        const auto row = std::ranges::find(rows, read::text_member(*json, "finding"), &Finding::id);
        if (row == rows.end()) {
            return std::nullopt;
        }
        check.fault = row->fault;
    }
    return check;
}

OrderedJson json_of(const Check& check) {
    const auto* const result = check.fault ? "finding" : check.skipped ? "skipped" : "ok";
    OrderedJson json{{"subject", check.subject},
                     {"check", check.name},
                     {"result", result},
                     {"detail", text_or_null(check.detail)}};
    if (check.fault) {
        const auto& row = finding_of(*check.fault);
        json["finding"] = row.id;
        json["text"] = row.text;
        json["advice"] = row.advice;
    }
    return json;
}

} // namespace bambu2mqtt
