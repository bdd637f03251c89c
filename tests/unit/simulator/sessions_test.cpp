// Clients connected to simulated printers, read from the broker's log.

#include "simulator/sessions.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

namespace {

using bambu2mqtt::simulator::Sessions;

/// Reads the lines and returns the last result.
std::string after(Sessions& sessions, std::initializer_list<const char*> lines) {
    std::string last;
    for (const auto* const line : lines)
        last = sessions.read(std::string{"1795635702: "} + line).value_or("");
    return last;
}

} // namespace

TEST_SUITE("sessions") {
    TEST_CASE("a session begins when a client subscribes to a printer's reports, and again after it was "
              "disconnected") {
        Sessions sessions;
        CHECK(
            after(sessions, {"New connection from 127.0.0.1:53386 on port 18832.",
                             "New client connected from 127.0.0.1:53386 as gateway (p2, c1, k60, u'bblp')."})
                .empty());
        CHECK(sessions.newest("01P") == 0);
        CHECK(after(sessions, {"gateway 0 device/01P/report"}) == "01P");
        CHECK(sessions.newest("01P") == 1);
        CHECK(after(sessions, {"gateway 1 device/01P/report"}).empty());
        CHECK(sessions.newest("01P") == 1);
        CHECK(after(sessions, {"Client gateway closed its connection.", "gateway 0 device/01P/report"}) ==
              "01P");
        CHECK(after(sessions, {"Client gateway already connected, closing old connection.",
                               "gateway 0 device/01P/report"}) == "01P");
        CHECK(sessions.newest("01P") == 3);
        CHECK(after(sessions, {"other 0 device/01P/report"}) == "01P");
        CHECK(sessions.clients("01P") == std::set<std::string>{"gateway", "other"});
        sessions.all_gone();
        CHECK(sessions.clients("01P").empty());
        CHECK(after(sessions, {"gateway 0 device/01P/report"}) == "01P");
        CHECK(sessions.newest("01P") == 5);
    }

    TEST_CASE("other filters, other topics and invalid ones begin no session") {
        Sessions sessions;
        for (const auto* const line :
             {"", "Client", "Client ", "x", "x 0", "x 0 device/+/report", "x 0 #", "x 0 device/01P/request",
              "x 7 device/01P/report", "x 0 device/a/b/report", "x 0 device/report", "x 0 device//report"}) {
            CAPTURE(std::string{line});
            CHECK(after(sessions, {line}).empty());
        }
        CHECK_FALSE(sessions.read("").has_value());
        CHECK(sessions.clients("01P").empty());
    }
}
