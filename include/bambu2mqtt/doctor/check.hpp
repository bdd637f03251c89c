// The result of one check of the command doctor, as a line and as JSON.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/doctor/finding.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// One check. Without a fault it has passed, or could not decide anything (`skipped`).
struct Check {
    std::string subject{};        ///< "configuration", "broker", or the id of a printer
    std::string name{};           ///< what was checked: "login"
    std::optional<Fault> fault{}; ///< nothing: no finding
    bool skipped = false;         ///< nothing can be said; `detail` has the reason
    std::string detail{};         ///< what was seen, for people, without secrets; may be empty

    friend bool operator==(const Check&, const Check&) = default;
};

/// Receives the checks in their order, each as soon as it is done.
using CheckSink = std::function<void(Check)>;

[[nodiscard]] Check passed(std::string subject, std::string name, std::string detail = {});
[[nodiscard]] Check skipped(std::string subject, std::string name, std::string reason);
[[nodiscard]] Check found(std::string subject, std::string name, Fault fault, std::string detail = {});

/// "SUBJECT  NAME  ok  DETAIL", with a finding its id and text, and in a second line what to do.
[[nodiscard]] std::string line_of(const Check& check);

/// The inverse of json_of(); nothing for other texts.
[[nodiscard]] std::optional<Check> parse_check(std::string_view json);

/// An object with `subject`, `check`, `result` ("ok", "finding", "skipped"), `detail`, and for a finding
/// `finding` (its id), `text` and `advice`.
[[nodiscard]] OrderedJson json_of(const Check& check);

} // namespace bambu2mqtt
