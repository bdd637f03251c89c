// Candidate addresses of a printer, and the order of attempts.
#include <bambu2mqtt/gateway/address_book.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bambu2mqtt;
using namespace std::chrono_literals;

namespace {

constexpr Instant begin = Instant{} + 1000h;

/// The addresses of the next attempts when all fail, 10 s apart.
std::vector<std::string> attempts(AddressBook& places, Instant& now, int count) {
    std::vector<std::string> hosts;
    for (int i = 0; i < count; ++i) {
        now += 10s;
        REQUIRE(places.choose(now));
        hosts.push_back(places.host());
        places.failed();
    }
    return hosts;
}

using Hosts = std::vector<std::string>;

} // namespace

TEST_SUITE("gateway/address_book") {
    TEST_CASE("there is no candidate before any address is known") {
        AddressBook places{""};
        CHECK_FALSE(places.choose(begin));
        CHECK(places.host().empty());
        CHECK(places.on_announcement("10.0.0.5", begin));
        CHECK(places.has_news(begin));
        CHECK(places.choose(begin));
        CHECK(places.host() == "10.0.0.5");
        CHECK_FALSE(places.has_news(begin));
        CHECK(places.learned().empty()); // not before the printer has been reached there
        places.reached();
        CHECK(places.learned() == "10.0.0.5");
    }

    TEST_CASE("candidates in turn: the configured host, the last address that worked, announced addresses") {
        auto now = begin;
        AddressBook places{"printer.lan", "10.0.0.5"};
        CHECK(attempts(places, now, 3) == Hosts{"printer.lan", "10.0.0.5", "printer.lan"});
        CHECK(places.on_announcement("10.0.0.9", now));
        CHECK(attempts(places, now, 4) == Hosts{"10.0.0.9", "printer.lan", "10.0.0.5", "10.0.0.9"});
    }

    TEST_CASE("an address that worked is tried first after its session broke") {
        auto now = begin;
        AddressBook places{"printer.lan", "10.0.0.5"};
        CHECK(attempts(places, now, 1) == Hosts{"printer.lan"});
        REQUIRE(places.choose(now));
        places.reached();
        CHECK(attempts(places, now, 3) == Hosts{"10.0.0.5", "printer.lan", "10.0.0.5"});
    }

    TEST_CASE("an announcement of the current or just tried address is ignored") {
        AddressBook places{"10.0.0.5"};
        REQUIRE(places.choose(begin));
        CHECK_FALSE(places.on_announcement("10.0.0.5", begin + 19s)); // current attempt
        CHECK(places.on_announcement("10.0.0.5", begin + 20s));       // apparently just switched on
        places.reached();
        CHECK_FALSE(places.on_announcement("10.0.0.5", begin + 1h));
        CHECK_FALSE(places.has_news(begin + 1h));
    }

    TEST_CASE("after a session at the configured host no announced address is stored") {
        AddressBook places{"10.0.0.5", "10.0.0.9"};
        CHECK(places.learned() == "10.0.0.9");
        REQUIRE(places.choose(begin));
        places.reached();
        CHECK(places.learned().empty());
        CHECK(AddressBook("10.0.0.5", "10.0.0.5").learned().empty());
    }

    TEST_CASE("a rejected address waits, unless there is no other") {
        auto now = begin;
        AddressBook places{"10.0.0.5"};
        REQUIRE(places.choose(now));
        places.set_aside(now + 300s);
        CHECK(places.free_at(now) == now + 300s);
        CHECK_FALSE(places.on_announcement("10.0.0.5", now + 200s));
        CHECK(places.on_announcement("10.0.0.9", now + 200s));
        CHECK_FALSE(places.free_at(now + 200s));
        now += 200s;
        CHECK(attempts(places, now, 3) == Hosts{"10.0.0.9", "10.0.0.9", "10.0.0.9"});
        now = begin + 300s;
        CHECK(attempts(places, now, 2) == Hosts{"10.0.0.5", "10.0.0.9"});
        places.set_aside(now + 300s);
        CHECK(attempts(places, now, 1) == Hosts{"10.0.0.5"});
    }

    TEST_CASE("a certificate is trusted at the configured host or where the printer was last reached") {
        CHECK(AddressBook{""}.proven().empty());
        AddressBook announced{""};
        REQUIRE(announced.on_announcement("10.0.0.66", begin));
        REQUIRE(announced.choose(begin));
        CHECK(announced.proven().empty());
        announced.reached();
        CHECK(announced.proven() == "10.0.0.66");

        auto now = begin;
        AddressBook places{"printer.lan", "10.0.0.5"};
        CHECK(places.proven() == "10.0.0.5"); // the last address that worked
        REQUIRE(places.choose(now));
        CHECK(places.proven() == "printer.lan"); // current attempt
        places.set_aside(now + 300s);
        places.failed();
        REQUIRE(places.on_announcement("10.0.0.66", now));
        CHECK(attempts(places, now, 1) == Hosts{"10.0.0.66"});
        CHECK(places.proven() == "10.0.0.5");
    }

    TEST_CASE("an address whose certificate was just trusted is tried next, whatever is announced") {
        auto now = begin;
        AddressBook places{"10.0.0.5"};
        REQUIRE(places.choose(now));
        places.set_aside(now + 300s);
        REQUIRE(places.on_announcement("10.0.0.66", now));
        CHECK(attempts(places, now, 2) == Hosts{"10.0.0.66", "10.0.0.66"});
        (void)places.on_announcement("10.0.0.66", now + 30s);
        places.trusted();
        CHECK(places.has_news(now));
        CHECK(attempts(places, now, 1) == Hosts{"10.0.0.5"});
    }

    TEST_CASE("before first contact only the configured host is tried") {
        auto now = begin;
        AddressBook places{"printer.lan", "10.0.0.5", true};
        CHECK_FALSE(places.held_back());
        CHECK_FALSE(places.on_announcement("10.0.0.66", now));
        CHECK_FALSE(
            places.on_announcement("10.0.0.5", now)); // reached there once, but its certificate is lost
        CHECK(places.held_back());
        CHECK(attempts(places, now, 3) == Hosts{"printer.lan", "printer.lan", "printer.lan"});
        REQUIRE(places.choose(now));
        places.reached();
        CHECK_FALSE(places.held_back());
        places.failed();
        CHECK(places.on_announcement("10.0.0.9", now + 60s));
        now += 60s;
        CHECK(attempts(places, now, 1) == Hosts{"10.0.0.9"});

        AddressBook without_host{"", "10.0.0.5", true};
        CHECK(without_host.on_announcement("10.0.0.9", begin));
    }

    TEST_CASE("an address is unverified when it was only announced and a better one is known") {
        AddressBook configured{"10.0.0.5"};
        configured.on_announcement("10.0.0.9", begin);
        REQUIRE(configured.choose(begin));
        CHECK(configured.host() == "10.0.0.9");
        CHECK(configured.is_unverified());
        AddressBook found{""};
        found.on_announcement("10.0.0.9", begin);
        REQUIRE(found.choose(begin));
        CHECK_FALSE(found.is_unverified()); // there is no other
        found.reached();
        found.on_announcement("10.0.0.13", begin);
        REQUIRE(found.choose(begin));
        CHECK(found.is_unverified());
        CHECK(found.learned() == "10.0.0.9");
    }

    TEST_CASE("only the last few announced addresses are kept, for a limited time") {
        auto now = begin;
        AddressBook places{"printer.lan"};
        REQUIRE(places.choose(now));
        for (int i = 1; i <= 200; ++i) {
            places.on_announcement("10.0.0." + std::to_string(i), now + std::chrono::milliseconds{i});
        }
        now += 1s;
        CHECK(attempts(places, now, 6) ==
              Hosts{"10.0.0.200", "10.0.0.199", "10.0.0.198", "10.0.0.199", "10.0.0.200", "printer.lan"});
        now += 1801s;
        CHECK(attempts(places, now, 3) == Hosts{"printer.lan", "printer.lan", "printer.lan"});
    }
}
