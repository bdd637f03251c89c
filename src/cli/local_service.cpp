#include "cli/local_service.hpp"

#include <bambu2mqtt/doctor/gateway_checks.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace bambu2mqtt {

std::filesystem::path gateway_socket(const std::filesystem::path& state_directory) {
    return state_directory / "gateway.sock";
}

void LocalService::start() {
    auto socket = LocalSocket::listen(place_, [this](std::string_view request) { return answer(request); });
    if (socket) {
        socket_ = *std::move(socket);
    } else {
        spdlog::warn("doctor and record cannot ask this gateway: {}", socket.error().detail);
    }
}

void LocalService::serve(const Bridge& bridge, Now now, Effects& effects) {
    if (exchange_.take_request()) {
        exchange_.provide(gateway_checks(bridge));
    }
    recordings_.begin_wanted(bridge, now.instant, effects);
}

std::string LocalService::report(const Bridge& bridge) {
    const auto all = gateway_checks(bridge);
    auto list = OrderedJson::array();
    for (const auto& check : all) {
        list.push_back(json_of(check));
    }
    const auto findings =
        std::ranges::count_if(all, [](const Check& check) { return check.fault.has_value(); });
    return json_text(OrderedJson{{"findings", findings}, {"checks", std::move(list)}});
}

/// For doctor one JSON object a line, as `doctor --json` prints. Empty for an unknown request or while the
/// core does not respond.
std::string LocalService::answer(std::string_view request) {
    if (request != doctor_request) {
        return recordings_.answer(request);
    }
    std::string lines;
    const auto checks = exchange_.get();
    for (const auto& check : checks.value_or(std::vector<Check>{})) {
        lines += json_text(json_of(check)) + "\n";
    }
    return lines;
}

} // namespace bambu2mqtt
