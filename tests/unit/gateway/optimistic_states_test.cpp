#include "gateway/optimistic_states.hpp"

#include <doctest/doctest.h>

namespace bambu2mqtt::test {

TEST_SUITE("gateway/optimistic_states") {
    TEST_CASE("a value is shown from the acknowledgement until it ends or expires") {
        const Instant now{std::chrono::hours{1}};
        const auto later = now + std::chrono::seconds{1};
        OptimisticStates states;
        CHECK_FALSE(states.deadline());
        states.expect("bed", Value{std::int64_t{60}}, 1, now);
        CHECK(states.find("bed") == nullptr);
        CHECK(states.deadline() == now + OptimisticStates::timeout);
        CHECK(states.show([](Ticket) { return false; }, later).empty());
        CHECK(states.show([](Ticket ticket) { return ticket == 1; }, later) ==
              std::vector<std::string>{"bed"});
        CHECK(states.show([](Ticket) { return true; }, later).empty()); // it is shown already
        REQUIRE(states.find("bed") != nullptr);
        CHECK(*states.find("bed") == Value{std::int64_t{60}});
        CHECK(states.deadline() == later + OptimisticStates::timeout);
        CHECK(states.expired(later + OptimisticStates::timeout - std::chrono::milliseconds{1}).empty());
        CHECK(states.expired(later + OptimisticStates::timeout) == std::vector<std::string>{"bed"});
        states.end("bed");
        CHECK(states.find("bed") == nullptr);
        CHECK_FALSE(states.deadline());
    }

    TEST_CASE("the value of an earlier command stays until a newer one is acknowledged") {
        const Instant now{std::chrono::hours{1}};
        OptimisticStates states;
        states.expect("bed", Value{std::int64_t{60}}, 1, now);
        CHECK(states.show([](Ticket) { return true; }, now).size() == 1);
        CHECK_FALSE(states.is_of_another("bed", 1));
        states.expect("bed", Value{std::int64_t{70}}, 2, now + std::chrono::seconds{1});
        CHECK(*states.find("bed") == Value{std::int64_t{60}});
        CHECK(states.is_of_another("bed", 1));
        CHECK_FALSE(states.is_of_another("nozzle", 1));
        CHECK(states.expired(now + OptimisticStates::timeout).empty());
        CHECK(states.show([](Ticket ticket) { return ticket == 2; }, now).size() == 1);
        CHECK(*states.find("bed") == Value{std::int64_t{70}});
    }

    TEST_CASE("the deadline is that of the state that expires first") {
        const Instant now{std::chrono::hours{1}};
        OptimisticStates states;
        states.expect("a", Value{std::int64_t{1}}, 1, now + std::chrono::seconds{1});
        states.expect("b", Value{std::int64_t{1}}, 2, now);
        CHECK(states.deadline() == now + OptimisticStates::timeout);
    }
}

} // namespace bambu2mqtt::test
