#include "cli/printer_requests.hpp"

#include <bambu2mqtt/config/managed_printers.hpp>
#include <bambu2mqtt/io/disk/config_file.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string_view>

namespace bambu2mqtt {

namespace {

PrinterAction action_of(std::string_view word) {
    if (word == "add") {
        return PrinterAction::add;
    }
    return word == "remove" ? PrinterAction::remove : PrinterAction::change;
}

/// "host: found ..., expected ...": the key without its number in the list.
std::string request_problem(const ConfigProblem& problem) {
    const auto dot = problem.key.find("].");
    const auto key = dot == std::string::npos ? problem.key : problem.key.substr(dot + 2);
    return key.empty() ? problem.text : fmt::format("{}: {}", key, problem.text);
}

} // namespace

expected<void, Refusal> change_managed_printers(const ReloadConfig& request, const ConfigSource& read) {
    const auto present = read(std::nullopt);
    if (!present.problems.empty()) {
        return refuse(Code::conflict, fmt::format("the configuration has to be right first: {}",
                                                  present.problems.front().to_string()));
    }
    if (!present.config.control.manage_printers) {
        return refuse(Code::not_allowed, "control.manage_printers is not set");
    }
    const auto printer = Json::parse(request.printer, nullptr, false);
    const auto managed = managed_after(present.config, action_of(request.action), printer);
    if (!managed) {
        return unexpected(managed.error());
    }
    const auto text = managed_text(*managed);
    const auto checked = read(text);
    if (!checked.problems.empty()) {
        return refuse(Code::invalid_argument, request_problem(checked.problems.front()));
    }
    const auto file = managed_printers_file(present.config);
    if (const auto written = write_managed_printers(file, text); !written) {
        return refuse(Code::none, written.error().detail);
    }
    return {};
}

} // namespace bambu2mqtt
