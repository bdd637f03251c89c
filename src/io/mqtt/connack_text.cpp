#include "io/mqtt/connack_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace bambu2mqtt {

namespace {

struct ConnackMeaning {
    int code = 0;
    std::string_view text{};
};

constexpr std::array connack_meanings{
    ConnackMeaning{1, "the broker does not support this version of MQTT"},
    ConnackMeaning{0x84, "the broker does not support this version of MQTT"},
    ConnackMeaning{2, "the broker refused the client id"},
    ConnackMeaning{0x85, "the broker refused the client id"},
    ConnackMeaning{3, "the broker reports that it is unavailable"},
    ConnackMeaning{0x88, "the broker reports that it is unavailable"},
    ConnackMeaning{4, "the broker refused user name or password"},
    ConnackMeaning{0x86, "the broker refused user name or password"},
    ConnackMeaning{5, "the broker does not authorise this user"},
    ConnackMeaning{0x87, "the broker does not authorise this user"},
    ConnackMeaning{0x9A, "the broker does not keep retained messages, which the gateway needs (CONNACK 154)"},
    ConnackMeaning{0x9B, "the broker does not support QoS 1, which the gateway needs (CONNACK 155)"},
};

} // namespace

std::string connack_text(int code) {
    const auto found = std::ranges::find(connack_meanings, code, &ConnackMeaning::code);
    return found != connack_meanings.end() ? std::string{found->text}
                                           : fmt::format("the broker refused the login (CONNACK {})", code);
}

} // namespace bambu2mqtt
