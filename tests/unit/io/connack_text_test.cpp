#include "io/mqtt/connack_text.hpp"

#include <doctest/doctest.h>

using namespace bambu2mqtt;

TEST_SUITE("io/connack_text") {
    TEST_CASE("a refused login is explained, in both versions of MQTT") {
        CHECK(connack_text(4) == "the broker refused user name or password");
        CHECK(connack_text(0x86) == connack_text(4));
        CHECK(connack_text(154).starts_with("the broker does not keep retained messages"));
        CHECK(connack_text(155).starts_with("the broker does not support QoS 1"));
        CHECK(connack_text(0x8A) == "the broker refused the login (CONNACK 138)");
    }
}
