// RFC 3339 output and input.
#include <bambu2mqtt/base/time.hpp>

#include <doctest/doctest.h>

namespace bambu2mqtt {

namespace {

WallTime at(std::int64_t seconds) {
    return WallTime{std::chrono::seconds{seconds}};
}

} // namespace

TEST_CASE("times are written in UTC with seconds and a Z") {
    CHECK(rfc3339(at(0)) == "1970-01-01T00:00:00Z");
    CHECK(rfc3339(at(951782399)) == "2000-02-28T23:59:59Z");
    CHECK(rfc3339(at(951782400)) == "2000-02-29T00:00:00Z");
    CHECK(rfc3339(at(-1)) == "1969-12-31T23:59:59Z");
}

TEST_CASE("times are read with Z or an offset, fractions are dropped") {
    CHECK(parse_rfc3339("1970-01-01T00:00:00Z") == at(0));
    CHECK(parse_rfc3339("2000-02-29T00:00:00z") == at(951782400));
    CHECK(parse_rfc3339("2000-02-29 01:30:00+01:30") == at(951782400));
    CHECK(parse_rfc3339("2000-02-28T22:00:00-02:00") == at(951782400));
    CHECK(parse_rfc3339("2000-02-29T00:00:00.987654Z") == at(951782400));
    CHECK(parse_rfc3339("1999-12-31T23:59:60Z") == at(946684800));
}

TEST_CASE("invalid times give nothing") {
    for (const char* const text :
         {"", "Z", "2026", "2026-01-31", "2026-01-31T18:00:00", "2026-01-31T18:00Z", "2026-02-30T00:00:00Z",
          "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T18:60:00Z",
          "2026-01-31T18:00:61Z", "2026/01/31T18:00:00Z", "2026-01-31T18:00:00+1:00",
          "2026-01-31T18:00:00+24:00", "2026-01-31T18:00:00.", "2026-01-31T18:00:00Zx",
          "x026-01-31T18:00:00Z", "2026-01-31X18:00:00Z"}) {
        INFO(text);
        CHECK(parse_rfc3339(text) == std::nullopt);
    }
}

TEST_CASE("times survive a round trip") {
    for (std::int64_t seconds = -86400; seconds < 4102444800; seconds += 7654321) {
        CHECK(parse_rfc3339(rfc3339(at(seconds))) == at(seconds));
    }
}

} // namespace bambu2mqtt
