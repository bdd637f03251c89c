#include "cli/doctor_service.hpp"

#include <bambu2mqtt/doctor/gateway_checks.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace bambu2mqtt {

std::filesystem::path gateway_socket(const Config& config) {
    return config.state_directory / "gateway.sock";
}

void DoctorService::start() {
    auto socket = LocalSocket::listen(gateway_socket(config_),
                                      [this](std::string_view request) { return answer(request); });
    if (socket) {
        socket_ = *std::move(socket);
    } else {
        spdlog::warn("doctor cannot ask this gateway: {}", socket.error().detail);
    }
}

void DoctorService::serve(const Bridge& bridge) {
    if (exchange_.take_request()) {
        exchange_.provide(checks(bridge));
    }
}

std::vector<Check> DoctorService::checks(const Bridge& bridge) const {
    return gateway_checks(bridge, config_.control.allow != ControlLevel::none);
}

std::string DoctorService::report(const Bridge& bridge) const {
    const auto all = checks(bridge);
    auto list = OrderedJson::array();
    for (const auto& check : all) {
        list.push_back(json_of(check));
    }
    const auto findings =
        std::ranges::count_if(all, [](const Check& check) { return check.fault.has_value(); });
    return json_text(OrderedJson{{"findings", findings}, {"checks", std::move(list)}});
}

/// One JSON object a line, as `doctor --json` prints; empty for an unknown request or while the core does not
/// respond.
std::string DoctorService::answer(std::string_view request) {
    std::string lines;
    const auto checks = request == doctor_request ? exchange_.get() : std::nullopt;
    for (const auto& check : checks.value_or(std::vector<Check>{})) {
        lines += json_text(json_of(check)) + "\n";
    }
    return lines;
}

} // namespace bambu2mqtt
