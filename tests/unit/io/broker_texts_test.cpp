// Texts about the user's broker name it as the configuration does, and the keys to check.
#include "io/mqtt/broker_texts.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace bambu2mqtt;

TEST_CASE("a refused login names the broker, the user and the keys") {
    BrokerConfig broker{.host = "nas.lan"};
    for (const int code : {4, 5, 0x86, 0x87}) {
        CAPTURE(code);
        broker.username.clear();
        CHECK(login_refusal(broker, code) ==
              "mqtt://nas.lan:1883: the broker accepts nobody without a login: set broker.username and "
              "broker.password");
        broker.username = "gateway";
        broker.password = Secret{"canary"};
        CHECK(login_refusal(broker, code) ==
              "mqtt://nas.lan:1883: the broker refused the user 'gateway': check broker.username and "
              "broker.password");
    }
    CHECK(login_refusal(broker, 0x85).find("check broker.client_id") != std::string::npos);
    CHECK(login_refusal(broker, 154).find("does not keep retained messages") != std::string::npos);
    CHECK(login_refusal(broker, 155).find("does not support QoS 1") != std::string::npos);
    CHECK(login_refusal(broker, 0x97).find("CONNACK 151") != std::string::npos);
}

TEST_CASE("the broker is shown as broker.url names it") {
    CHECK(broker_url({.tls = true, .host = "fe80::1", .port = 8883}) == "mqtts://[fe80::1]:8883");
    CHECK(broker_url({.host = "192.0.2.1", .port = 1884}) == "mqtt://192.0.2.1:1884");
}
