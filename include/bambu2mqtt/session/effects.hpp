// What the core wants done: the edges carry it out. Messages for the broker are not among them; they are
// pulled one by one as the broker takes them.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace bambu2mqtt {

/// One connection attempt to a printer.
struct ConnectPrinter {
    std::size_t printer = 0;
};

struct DisconnectPrinter {
    std::size_t printer = 0;
};

/// A message to device/<serial>/request.
struct SendRequest {
    std::size_t printer = 0;
    std::string payload{};
};

struct ConnectBroker {};

/// Subscribes to one more filter, or ends that subscription.
struct ListenTo {
    std::string filter{};
    bool listen = true;
};

/// What is to be remembered of a printer over restarts, as JSON text.
struct SaveState {
    std::size_t printer = 0;
    std::string content{};
};

/// What stood on the broker of a printer that is served no longer is cleared: nothing of it needs to be
/// remembered.
struct ForgetPrinter {
    std::string serial{};
};

enum class Level { debug, info, warning, error };

/// A line for the log. `source` is the printer's id, or "broker".
struct Note {
    Level level = Level::info;
    std::string source{};
    std::string text{};
};

using Effect = std::variant<ConnectPrinter, DisconnectPrinter, SendRequest, ConnectBroker, ListenTo,
                            SaveState, ForgetPrinter, Note>;
using Effects = std::vector<Effect>;

} // namespace bambu2mqtt
