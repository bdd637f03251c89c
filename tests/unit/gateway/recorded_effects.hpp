// What a bridge under test has asked of the edges.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/port/effects.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace bambu2mqtt::test {

/// By printer where it is of one.
struct RecordedEffects {
    void take(const Effects& effects) {
        all.insert(all.end(), effects.begin(), effects.end());
        for (const auto& effect : effects) {
            if (const auto* const connect = std::get_if<ConnectPrinter>(&effect)) {
                asked[connect->printer].emplace_back("connect");
                hosts.push_back(connect->host);
            } else if (const auto* const disconnect = std::get_if<DisconnectPrinter>(&effect)) {
                asked[disconnect->printer].emplace_back("disconnect");
            } else if (const auto* const request = std::get_if<SendRequest>(&effect)) {
                const auto message = Json::parse(request->payload);
                asked[request->printer].push_back(message.front().value("command", ""));
                requests[request->printer].push_back(message);
            } else if (const auto* const subscription = std::get_if<SubscribeReports>(&effect)) {
                asked[subscription->printer].emplace_back(subscription->subscribe ? "subscribe"
                                                                                  : "unsubscribe");
            } else if (const auto* const job = std::get_if<StartWork>(&effect)) {
                jobs.push_back(*job);
            } else if (std::get_if<CancelWork>(&effect) != nullptr) {
                ++cancelled_jobs;
            } else if (const auto* const trust = std::get_if<TrustCertificate>(&effect)) {
                trusts.push_back(*trust);
            } else if (const auto* const save = std::get_if<SaveState>(&effect)) {
                saved[save->printer] = Json::parse(save->content);
            } else if (const auto* const forget = std::get_if<ForgetPrinter>(&effect)) {
                notes.push_back(LogLine{Level::debug, forget->serial, "forgotten"});
            } else if (std::get_if<ConnectBroker>(&effect) != nullptr) {
                ++broker_connects;
            } else if (const auto* const note = std::get_if<LogLine>(&effect)) {
                notes.push_back(*note);
            } else if (const auto* const listen = std::get_if<ListenTo>(&effect)) {
                std::erase(filters, listen->filter);
                if (listen->listen) {
                    filters.push_back(listen->filter);
                }
            }
        }
    }

    Effects all; ///< in order
    std::map<std::size_t, std::vector<std::string>> asked;
    std::map<std::size_t, std::vector<Json>> requests;
    std::vector<std::string> hosts;
    std::vector<StartWork> jobs;
    std::size_t cancelled_jobs = 0;
    std::vector<TrustCertificate> trusts;
    std::map<std::size_t, Json> saved;
    std::vector<LogLine> notes;
    std::vector<std::string> filters;
    std::size_t broker_connects = 0;
};

} // namespace bambu2mqtt::test
