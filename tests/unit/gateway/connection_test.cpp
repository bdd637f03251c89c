// The connection to one printer: when to connect, when to poll, when it is lost.
#include "unit/gateway/connection_line.hpp"

#include <random>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;
using namespace std::chrono_literals;

TEST_SUITE("gateway/connection") {
    TEST_CASE("after each connect the version and then the full state are requested") {
        Line line{Family::x1};
        CHECK(line.taken() == ConnectionActions{ConnectionAction::connect});
        line.up();
        CHECK(line.taken() == ConnectionActions{ConnectionAction::get_version, ConnectionAction::pushall});
        line.report();
        line.pass(20s);
        line.report();
        line.pass(20s);
        line.down();
        CHECK(line.taken().empty());
        line.pass(line.wait());
        CHECK(line.taken() == ConnectionActions{ConnectionAction::connect});
        line.up();
        CHECK(line.taken() == ConnectionActions{ConnectionAction::get_version, ConnectionAction::pushall});
    }

    TEST_CASE("a quick reconnect does not request the full state twice within 30 s") {
        Line line{Family::p1};
        line.live();
        line.pass(5s);
        line.down();
        line.pass(line.wait());
        line.up();
        CHECK(count(line.actions, ConnectionAction::pushall) == 0);
        const auto gone = line.now;
        line.pass(23s - 1250ms);
        CHECK(count(line.actions, ConnectionAction::pushall) == 0);
        line.pass(3s);
        CHECK(count(line.taken(), ConnectionAction::pushall) == 1);
        CHECK(line.now - gone < 30s);
    }

    TEST_CASE("a known full state is requested again after 30 s, from P1 and A1 after five minutes") {
        for (const auto& [family, every] :
             {std::pair{Family::x1, 30s}, std::pair{Family::h2, 30s}, std::pair{Family::p1, 300s},
              std::pair{Family::a1, 300s}, std::pair{Family::a2, 300s}, std::pair{Family::unknown, 300s}}) {
            Line line{family};
            line.live();
            for (int i = 0; i < 10; ++i) {
                line.connection.want_full(line.now, family, line.actions);
            }
            CHECK(count(line.actions, ConnectionAction::pushall) == 0);
            const auto begin = line.now;
            while (count(line.actions, ConnectionAction::pushall) == 0 && line.now - begin < 400s) {
                line.report(Extent::partial);
                line.pass(1s);
            }
            CHECK(line.now - begin == every);
            CHECK(count(line.actions, ConnectionAction::pushall) == 1);
        }
    }

    TEST_CASE("an incomplete state is requested again every 30 s, also from a P1") {
        Line line{Family::p1};
        line.up();
        CHECK(count(line.taken(), ConnectionAction::pushall) == 1);
        line.pass(29s);
        CHECK(count(line.actions, ConnectionAction::pushall) == 0);
        line.pass(1s);
        CHECK(count(line.taken(), ConnectionAction::pushall) == 1);
        line.report(); // the answer; nothing else is requested
        line.pass(50s);
        CHECK(count(line.actions, ConnectionAction::pushall) == 0);
    }

    TEST_CASE("the first report resets the wait; a login alone does not") {
        Line line{Family::x1};
        for (int i = 0; i < 8; ++i) {
            line.down(LinkFailure::unreachable);
            line.pass(line.wait());
        }
        line.up();
        line.down();
        CHECK(line.wait() >= 22s);
        line.pass(line.wait());
        line.up();
        line.report(Extent::partial);
        line.down();
        CHECK(line.wait() <= 1250ms);
    }

    TEST_CASE("unreachable printers are retried without end, at most 37.5 s apart") {
        Line line{Family::p1};
        (void)line.taken();
        for (int i = 0; i < 1000; ++i) {
            line.down(LinkFailure::unreachable);
            CHECK(line.state() == ConnectionState::unreachable);
            CHECK(line.wait() <= 37'500ms);
            line.pass(line.wait());
            CHECK(line.taken() == ConnectionActions{ConnectionAction::connect});
        }
        CHECK(line.connection.error() == "it broke");
        CHECK(!line.connection.hint("p1").empty());
    }

    TEST_CASE("problems that need a person are retried slowly, without end") {
        for (const auto& [failure, state] :
             {std::pair{LinkFailure::auth_refused, ConnectionState::auth_refused},
              std::pair{LinkFailure::tls_untrusted, ConnectionState::tls_untrusted},
              std::pair{LinkFailure::wrong_name, ConnectionState::tls_untrusted}}) {
            Line line{Family::x1};
            (void)line.taken();
            for (int i = 0; i < 50; ++i) {
                line.down(failure);
                CHECK(line.state() == state);
                CHECK(!line.connection.hint("p1").empty());
                CHECK(line.wait() >= 225s);
                CHECK(line.wait() <= 375s);
                line.pass(line.wait());
                CHECK(line.taken() == ConnectionActions{ConnectionAction::connect});
            }
        }
    }

    TEST_CASE("silence after the login gives no_reports after 30 s and suspects the serial") {
        for (const auto family : all_families) {
            Line line{family};
            line.up();
            line.pass(29'999ms);
            CHECK(line.state() == ConnectionState::connecting);
            line.pass(1ms);
            CHECK(line.state() == ConnectionState::no_reports);
            CHECK(line.connection.hint("p1").find("serial") != std::string_view::npos);
            CHECK(!line.connection.error().empty());
            line.pass(90s); // and a new connection is tried
            CHECK(count(line.actions, ConnectionAction::disconnect) == 1);
            CHECK(count(line.actions, ConnectionAction::connect) == 2);
            CHECK(line.state() == ConnectionState::no_reports);
            line.up();
            line.report();
            CHECK(line.state() == ConnectionState::connected);
            CHECK(line.connection.error().empty());
            CHECK(line.connection.hint("p1").empty());
        }
    }

    TEST_CASE("partial reports alone make the printer online after 10 s, a full one immediately") {
        Line line{Family::p1};
        line.up();
        line.report(Extent::partial);
        CHECK(line.state() == ConnectionState::connecting);
        line.pass(9'999ms);
        CHECK(line.state() == ConnectionState::connecting);
        line.pass(1ms);
        CHECK(line.state() == ConnectionState::connected);

        Line other{Family::p1};
        other.up();
        other.report(Extent::full);
        CHECK(other.state() == ConnectionState::connected);
    }

    TEST_CASE("a streaming printer is stale after 30 s of silence and online again with the next report") {
        for (const auto family : {Family::x1, Family::p2, Family::x2, Family::h2}) {
            Line line{family};
            line.live();
            line.pass(29'999ms);
            CHECK(line.state() == ConnectionState::connected);
            line.pass(1ms);
            CHECK(line.state() == ConnectionState::stale);
            CHECK(!line.connection.error().empty());
            line.pass(10s);
            line.connection.alive(line.now, family); // an answer is not a report
            CHECK(line.state() == ConnectionState::stale);
            line.report(Extent::partial);
            CHECK(line.state() == ConnectionState::connected);
            CHECK(line.connection.error().empty());
            CHECK(count(line.actions, ConnectionAction::disconnect) == 0);
        }
    }

    TEST_CASE("a streaming printer that stays silent is reconnected after 60 s") {
        Line line{Family::h2};
        line.live();
        line.pass(59'999ms);
        CHECK(count(line.actions, ConnectionAction::disconnect) == 0);
        line.pass(1ms);
        CHECK(count(line.taken(), ConnectionAction::disconnect) == 1);
        CHECK(line.state() == ConnectionState::stale);
        line.pass(line.wait());
        CHECK(line.taken() == ConnectionActions{ConnectionAction::connect});
    }

    TEST_CASE("a P1 or A1 is polled after 60 s of silence and reconnected after 90 s") {
        for (const auto family : {Family::p1, Family::a1, Family::a2, Family::unknown}) {
            Line line{family};
            line.live();
            line.pass(59'999ms);
            CHECK(line.actions.empty());
            line.pass(1ms);
            CHECK(line.taken() == ConnectionActions{ConnectionAction::get_version});
            CHECK(line.state() == ConnectionState::connected);
            line.pass(29'999ms);
            CHECK(line.actions.empty());
            line.pass(1ms);
            CHECK(line.taken() == ConnectionActions{ConnectionAction::disconnect});
            CHECK(line.state() == ConnectionState::stale);
        }
    }

    TEST_CASE("a P1 that has nothing to report but answers stays connected") {
        Line line{Family::p1};
        line.live();
        for (int i = 0; i < 100; ++i) {
            line.pass(60s);
            CHECK(line.taken() == ConnectionActions{ConnectionAction::get_version});
            line.connection.alive(line.now, line.family);
        }
        CHECK(line.state() == ConnectionState::connected);
        line.pass(90s);
        CHECK(line.state() == ConnectionState::stale);
    }

    TEST_CASE("an answer does not count as the first report") {
        Line line{Family::p1};
        line.up();
        line.connection.alive(line.now, line.family);
        line.pass(30s);
        CHECK(line.state() == ConnectionState::no_reports);
    }

    TEST_CASE("a dead peer is unavailable within 120 s, in every sequence of events") {
        std::minstd_rand random{7};
        for (const auto family : all_families) {
            for (int round = 0; round < 50; ++round) {
                Line line{family};
                line.up();
                for (auto reports = random() % 5; reports > 0; --reports) {
                    line.report(random() % 2 == 0 ? Extent::full : Extent::partial);
                    line.pass(std::chrono::milliseconds{random() % 20'000});
                }
                line.pass(120s);
                CHECK(line.state() != ConnectionState::connected);
                CHECK(line.state() != ConnectionState::connecting);
            }
        }
    }

    TEST_CASE("a report of an abandoned connection changes nothing") {
        Line line{Family::x1};
        line.live();
        line.down();
        line.report();
        CHECK(line.state() == ConnectionState::unreachable);
        CHECK(line.actions == ConnectionActions{});
        line.connection.want_full(line.now, line.family, line.actions);
        line.connection.alive(line.now, line.family);
        CHECK(line.actions.empty());
    }

    TEST_CASE("there is always one connection at a time, and a next step") {
        for (unsigned seed = 1; seed <= 300; ++seed) {
            std::minstd_rand random{seed};
            Line line{all_families[seed % all_families.size()]};
            (void)line.taken();
            bool trying = true; // a connection is being made, or is there
            bool is_up = false;
            const auto account = [&] {
                for (const auto action : line.taken()) {
                    if (action == ConnectionAction::connect) {
                        CHECK(!trying);
                        trying = true;
                    } else if (action == ConnectionAction::disconnect) {
                        CHECK(trying);
                        trying = false;
                        is_up = false;
                    } else {
                        CHECK(is_up);
                    }
                }
            };
            for (int step = 0; step < 60; ++step) {
                const auto choice = random() % 10;
                if (trying && !is_up && choice == 0) {
                    is_up = true;
                    line.up();
                } else if (trying && choice == 1) {
                    trying = is_up = false;
                    line.down(static_cast<LinkFailure>(random() % 4));
                } else if (is_up && (choice == 4 || choice == 5)) {
                    line.report(choice == 4 ? Extent::full : Extent::partial);
                } else if (is_up && choice == 6) {
                    line.connection.command_sent(line.now, line.family);
                } else if (is_up && choice == 7) {
                    line.connection.command_unanswered(line.now, line.actions);
                } else if (choice == 8) {
                    line.connection.pause(line.actions);
                } else if (choice == 9) {
                    line.connection.resume(line.now, line.family, line.actions);
                }
                account();
                line.pass(std::chrono::milliseconds{random() % 40'000});
                account();
                const bool paused = line.state() == ConnectionState::paused;
                CHECK((trying || line.connection.deadline().has_value() || paused));
                CHECK((!paused || !line.connection.deadline()));
                CHECK((line.state() != ConnectionState::connected || is_up));
            }
        }
    }
}
