// Orders as text, as a person gives them to a simulated printer.

#include "simulator/orders.hpp"
#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace {

using namespace bambu2mqtt::simulator;
using namespace std::chrono_literals;
using nlohmann::json;

/// Gives a valid order.
void order(TestPrinter& asked, const std::string& words) {
    CAPTURE(words);
    CHECK(carry_out_order(asked.printer, words) == "ok");
}

const json pause_order_request{{"command", "pause"}, {"param", ""}};

} // namespace

TEST_SUITE("orders") {
    TEST_CASE("jobs") {
        TestPrinter asked{"P1S"};
        order(asked, "print 100 Little boat");
        asked.live(50);
        CHECK(asked.at("/subtask_name") == "Little boat");
        CHECK(asked.at("/gcode_state") == "RUNNING");
        order(asked, "pause");
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "PAUSE");
        order(asked, " resume\n");
        order(asked, "runout");
        asked.live(1);
        CHECK(asked.at("/print_error") == 0x07008011);
        order(asked, "cancel_code late");
        order(asked, "cancel");
        CHECK_FALSE(asked.live(1).value("print_error", 0) == 50348044);
        asked.live(1);
        CHECK(asked.at("/print_error") == 50348044);
        order(asked, "print");
        asked.live(1);
        order(asked, "finish");
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "FINISH");
        order(asked, "print 100");
        order(asked, "fail 0300-8004");
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "FAILED");
        CHECK(asked.at("/print_error") == 0x03008004);
    }

    TEST_CASE("a backup spool, old values, the reason against drying") {
        TestPrinter asked{"P1S"};
        CHECK(carry_out_order(asked.printer, "runout backup") != "ok");
        order(asked, "print 100");
        asked.live(50);
        order(asked, "runout backup");
        asked.live(15);
        CHECK(asked.at("/gcode_state") == "RUNNING");
        CHECK(asked.at("/ams/tray_now") == "1");
        order(asked, "finish");
        order(asked, "old_values off");
        order(asked, "print 100");
        CHECK(asked.live(1).at("mc_percent") == 0);

        TestPrinter drying{"P2S"};
        order(drying, "dryer 0 8");
        CHECK(drying.at("/ams/ams/0/dry_sf_reason") == json::array({0, 8}));
        order(drying, "dryer");
        CHECK(drying.at("/ams/ams/0/dry_sf_reason") == json::array());
    }

    TEST_CASE("errors, door, Developer Mode") {
        TestPrinter asked{"H2D"};
        order(asked, "error 0500_4003");
        order(asked, "hms 0300-0100-0001-0003 0C00030000020010");
        order(asked, "door open");
        order(asked, "developer_mode off");
        asked.live(1);
        CHECK(asked.at("/print_error") == 0x05004003);
        CHECK(asked.at("/hms") == json::array({{{"attr", 0x03000100}, {"code", 0x00010003}},
                                               {{"attr", 0x0C000300}, {"code", 0x00020010}}}));
        CHECK(asked.bit("stat", 23));
        CHECK(asked.bit("fun", 29));
        order(asked, "error 0");
        order(asked, "hms none");
        order(asked, "door closed");
        asked.live(1);
        CHECK(asked.at("/print_error") == 0);
        CHECK(asked.at("/hms").empty());
        CHECK_FALSE(asked.bit("stat", 23));
    }

    TEST_CASE("behaviour") {
        TestPrinter asked{"P1S"};
        order(asked, "mute print.*");
        CHECK(asked.ask(pause_order_request).is_null());
        order(asked, "obey print.pause");
        CHECK(asked.ask(pause_order_request).is_object());
        CHECK(asked.ask({{"command", "stop"}}).is_null());
        order(asked, "polite");
        CHECK(asked.ask({{"command", "stop"}}).is_object());
        order(asked, "silent");
        CHECK(asked.ask(pause_order_request).is_null());
        order(asked, "no_effect");
        CHECK(asked.ask(pause_order_request).at("result") == "success");
        order(asked, "refuse print.*");
        CHECK(asked.ask(pause_order_request).at("err_code") == signature_missing);
        order(asked, "refuse print.pause 0500-4004");
        CHECK(asked.ask(pause_order_request).at("err_code") == 0x05004004);
        order(asked, "leave_out sequence_id print.pause");
        CHECK_FALSE(asked.ask(pause_order_request).contains("sequence_id"));
        order(asked, "leave_out result print.pause");
        CHECK(asked.ask(pause_order_request).size() == 2);
        order(asked, "polite");
        order(asked, "limit 1");
        CHECK(asked.ask(pause_order_request).is_object());
        CHECK(asked.ask(pause_order_request).is_null());
        order(asked, "limit off");
        CHECK(asked.ask(pause_order_request).is_object());
        order(asked, "delay 2.5 print.pause");
        CHECK(asked.printer.answer(R"({"print":{"command":"pause"}})", 0ms).delay == 2500ms);
        order(asked, "drop");
        CHECK(asked.printer.answer(R"({"print":{"command":"pause"}})", 0ms).contact == Contact::dropped);
    }

    TEST_CASE("an unknown order is reported and changes nothing") {
        TestPrinter asked{"P1S"};
        for (const auto* const words : {"",
                                        " ",
                                        "dance",
                                        "print soon",
                                        "print -1",
                                        "print nan",
                                        "print 1e99",
                                        "fail",
                                        "fail x",
                                        "fail 1FFFFFFFF",
                                        "error",
                                        "hms 0x1",
                                        "hms 11112222333344445",
                                        "door",
                                        "door ajar",
                                        "developer_mode",
                                        "runout soon",
                                        "dryer x",
                                        "dryer -1",
                                        "old_values",
                                        "cancel_code",
                                        "delay",
                                        "delay x",
                                        "leave_out",
                                        "leave_out all",
                                        "limit",
                                        "limit -1",
                                        "limit x",
                                        "refuse * x"}) {
            CAPTURE(std::string{words});
            CHECK(carry_out_order(asked.printer, words) != "ok");
        }
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "IDLE");
        CHECK(asked.ask(pause_order_request).is_object());
    }

    TEST_CASE("help names all orders, requests lists received ones") {
        TestPrinter asked{"P1S"};
        CHECK(carry_out_order(asked.printer, "help") == order_help());
        for (const auto* const name : {"print", "runout", "mute", "limit", "requests"})
            CHECK(order_help().find(name) != std::string::npos);
        for (int i = 0; i < 30; ++i)
            static_cast<void>(asked.ask(pause_order_request));
        const auto reply = carry_out_order(asked.printer, "requests");
        CHECK(reply.starts_with("30 requests\n"));
        CHECK(std::count(reply.begin(), reply.end(), '\n') == 20);
        CHECK(reply.find("\"sequence_id\":\"30\"") != std::string::npos);
    }
}
