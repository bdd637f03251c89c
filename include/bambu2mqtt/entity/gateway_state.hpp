// The gateway's own data about a printer, beside the merged report: entity rows read it through View.
#pragma once

#include <bambu2mqtt/base/status.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/entity/entity.hpp>
#include <bambu2mqtt/entity/job_fields.hpp>
#include <bambu2mqtt/entity/spools.hpp>
#include <bambu2mqtt/texts/language.hpp>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

/// The connection to the printer, as entity `connection` shows it.
struct ConnectionStatus {
    std::string_view state{};        ///< a name with static lifetime; empty: unknown
    std::optional<WallTime> since{}; ///< when the state began
    std::string error{};             ///< the problem; empty: none
    std::string hint{};              ///< advice; empty: none
    std::string fingerprint{};       ///< of an untrusted certificate; empty: none

    friend bool operator==(const ConnectionStatus&, const ConnectionStatus&) = default;
};

/// The outcome of the last command, as entity `last_command` shows it.
struct LastCommand {
    std::string request_id{}; ///< empty: not given
    std::string command{};
    Status status = Status::refused;
    Code code = Code::none;
    std::string message{};
    WallTime time{};

    friend bool operator==(const LastCommand&, const LastCommand&) = default;
};

/// The running file transfer.
struct TransferStatus {
    std::int64_t percent = 100; ///< 0 to 100; 100 also when nothing is transferred
    std::string file{};         ///< path on the printer; empty: none

    friend bool operator==(const TransferStatus&, const TransferStatus&) = default;
};

/// All of the data. Each member belongs to one GatewayField; assign() tracks changes.
struct GatewayState {
    ConnectionStatus connection{};
    std::optional<LastCommand> last_command{};
    std::optional<TransferStatus> transfer{};
    std::optional<WallTime> start_time{};       ///< of the last job
    std::optional<WallTime> end_time{};         ///< of the same job, estimated while it runs
    std::optional<std::int64_t> elapsed_time{}; ///< minutes since start_time, while the job is active
    std::optional<double> total_usage{};        ///< hours
    std::bitset<8> job_values_missing{};        ///< by JobField: values that still belong to the previous job
    std::optional<bool> heatbed_light{};        ///< from the printer's last answer
    std::optional<std::int64_t> speed_level{};  ///< 1 to 4
    std::optional<double> chamber_temperature{};           ///< degrees; set by the command `chamber_value`
    std::map<std::string_view, WallTime> target_changed{}; ///< by row id: when a target or a fan last changed
    std::map<std::string_view, double> last_speed{}; ///< by row id: percent before a fan was switched off
    Feed feed{};                                     ///< the active tray
    std::optional<Feed> awaited_feed{}; ///< the tray awaited after a runout; nothing before it was evaluated
    std::string_view storage{};         ///< one of storage_states; empty: unknown
    Language language = Language::en;   ///< of display words and error texts
};

/// A set of GatewayFields.
using GatewayFields = std::bitset<static_cast<std::size_t>(GatewayField::count_)>;

/// Assigns `value` to a member of GatewayState and adds its field to `changed` if the value differs.
template <typename Member, typename New>
void assign(Member& member, New&& value, GatewayField field, GatewayFields& changed) {
    if (member != value) {
        member = std::forward<New>(value);
        changed.set(static_cast<std::size_t>(field));
    }
}

} // namespace bambu2mqtt
