// Hosts in URIs.
#include <bambu2mqtt/base/uri.hpp>

#include <doctest/doctest.h>

namespace bambu2mqtt {

TEST_CASE("uri_host: names and IPv4 are unchanged, IPv6 has brackets") {
    CHECK(uri_host("printer.lan") == "printer.lan");
    CHECK(uri_host("192.168.1.50") == "192.168.1.50");
    CHECK(uri_host("fd00::5") == "[fd00::5]");
    CHECK(uri_host("::1", UriZone::escaped) == "[::1]");
}

TEST_CASE("uri_host: the zone of an address is escaped only where that is wanted") {
    CHECK(uri_host("fe80::1%eth0") == "[fe80::1%eth0]");
    CHECK(uri_host("fe80::1%eth0", UriZone::escaped) == "[fe80::1%25eth0]");
}

} // namespace bambu2mqtt
