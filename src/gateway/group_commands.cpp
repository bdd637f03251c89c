#include "gateway/group_commands.hpp"

#include "gateway/response_messages.hpp"
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

namespace {

OrderedJson failed_part(std::string_view why) {
    return {{"status", name_of(Status::failed)}, {"code", nullptr}, {"message", why}};
}

bool has_answered(const OrderedJson& outcome) {
    return !outcome.is_null();
}

} // namespace

std::vector<std::size_t> GroupCommands::printers_of(const std::string& group) const {
    std::vector<std::size_t> printers;
    for (std::size_t i = 0; i < settings_.printers.size(); ++i) {
        const auto& groups = settings_.printers[i].groups;
        if (group == every_printer || std::ranges::find(groups, group) != groups.end()) {
            printers.push_back(i);
        }
    }
    return printers;
}

GroupCommands::Started GroupCommands::begin(const BrokerMessage& message, const CommandTopic& topic,
                                            Now now) {
    auto read = command_request_of(message.payload, topic.name);
    auto& request = read.command_request;
    Running running{.group = topic.owner,
                    .command = request.command,
                    .request_id = request.request_id,
                    .sender = return_address(message, response_topics_of(settings_)),
                    .until = now.instant + longest_wait};
    auto printers = printers_of(topic.owner);
    if (printers.empty()) {
        read.refusal =
            Refusal{Code::not_found, "no printer belongs to this group: see `groups` of [[printer]]"};
    } else if (running_.size() >= most_running && !read.refusal) {
        read.refusal = Refusal{
            Code::busy, fmt::format("{} group commands are already waiting for outcomes", most_running)};
    }
    if (read.refusal) {
        end(running, refused({}, *std::move(read.refusal)), now);
        return {};
    }
    for (const auto place : printers) {
        const auto& printer = settings_.printers[place];
        running.parts.push_back(Part{.printer = printer.index, .id = printer.names.id});
    }
    request.sender = ReturnAddress{.group = ++last_number_};
    running_.emplace(last_number_, std::move(running));
    return {std::move(printers), std::move(request)};
}

void GroupCommands::answered(std::size_t printer, GroupAnswer answer) {
    const auto found = running_.find(answer.group);
    if (found == running_.end()) {
        return;
    }
    auto& parts = found->second.parts;
    const auto part = std::ranges::find(parts, printer, &Part::printer);
    if (part != parts.end() && !has_answered(part->outcome)) {
        part->outcome = std::move(answer.outcome);
    }
}

void GroupCommands::reconfigured() {
    for (auto& [number, running] : running_) {
        for (auto& part : running.parts) {
            const bool configured = std::ranges::find(settings_.printers, part.printer,
                                                      &SessionSettings::index) != settings_.printers.end();
            if (!configured && !has_answered(part.outcome)) {
                part.outcome = failed_part("the printer was removed from the configuration");
            }
        }
    }
}

void GroupCommands::tick(Now now) {
    for (auto next = running_.begin(); next != running_.end();) {
        const auto& running = next->second;
        if (now.instant >= running.until ||
            std::ranges::all_of(running.parts, has_answered, &Part::outcome)) {
            summarize(running, now);
            next = running_.erase(next);
        } else {
            ++next;
        }
    }
}

std::optional<Instant> GroupCommands::deadline() const {
    // In order of time: each waits for the same time.
    return running_.empty() ? std::nullopt : std::optional{running_.begin()->second.until};
}

void GroupCommands::abandon(Now now) {
    for (const auto& [number, running] : std::exchange(running_, {})) {
        summarize(running, now);
    }
}

void GroupCommands::summarize(const Running& running, Now now) {
    std::map<std::string, std::size_t> counts;
    auto list = OrderedJson::array();
    std::size_t missing = 0;
    for (const auto& part : running.parts) {
        OrderedJson entry{{"printer", part.id}};
        if (has_answered(part.outcome)) {
            entry.update(part.outcome);
        } else {
            entry.update({{"status", "pending"}, {"code", nullptr}, {"message", nullptr}});
            ++missing;
        }
        ++counts[entry["status"].get<std::string>()];
        list.push_back(std::move(entry));
    }
    end(running,
        Outcome{.status = missing == 0 ? Status::done : Status::unconfirmed,
                .message = missing == 0 ? std::string{}
                                        : fmt::format("{} of {} printers have no outcome yet", missing,
                                                      running.parts.size()),
                .data = {{"group", running.group}, {"counts", counts}, {"printers", std::move(list)}}},
        now);
}

void GroupCommands::end(const Running& running, Outcome outcome, Now now) {
    outcome.command = running.command;
    outcome.request_id = running.request_id;
    CommandResponse response{.outcome = bounded(std::move(outcome)), .senders = {running.sender}};
    response.payload = to_json(response.outcome, now.wall);
    summaries_.push_back({running.group, std::move(response)});
}

} // namespace bambu2mqtt
