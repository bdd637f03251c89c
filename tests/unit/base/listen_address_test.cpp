#include <bambu2mqtt/base/address.hpp>

#include <doctest/doctest.h>

using bambu2mqtt::ListenAddress;
using bambu2mqtt::read_listen_address;

TEST_CASE("a listen address is a numeric address with a port") {
    CHECK(read_listen_address("127.0.0.1:9464") == ListenAddress{"127.0.0.1", 9464});
    CHECK(read_listen_address("0.0.0.0:1") == ListenAddress{"0.0.0.0", 1});
    CHECK(read_listen_address("[::1]:65535") == ListenAddress{"::1", 65535});
    CHECK(read_listen_address("[::]:9464") == ListenAddress{"::", 9464});
}

TEST_CASE("anything else is no listen address") {
    for (const auto* text : {"", "127.0.0.1", ":9464", "9464", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
                             "127.0.0.1:94x", "localhost:9464", "::1:9464", "[::1]", "[::1]9464", "[::1:9464",
                             "[127.0.0.1]:9464", "[]:9464", "127.1:9464", "http://127.0.0.1:9464"}) {
        CAPTURE(text);
        CHECK_FALSE(read_listen_address(text));
    }
}
