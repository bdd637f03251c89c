#include "unit/command/command_fixture.hpp"

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;

TEST_CASE("commands of the gateway itself have a handler, and send at most what a session asks for") {
    struct Local {
        std::string_view command{};
        std::string_view arguments{};
        std::vector<std::string_view> requests{};
    };

    constexpr auto fingerprint =
        R"({"fingerprint":"00112233445566778899aAbBcCdDeEfF00112233445566778899aabbccddeeff"})";
    const std::vector<std::string_view> full_report{
        R"({"info":{"command":"get_version"}})",
        R"({"pushing":{"command":"pushall","version":1,"push_target":1}})"};
    const CommandFixture subject(Model::p1s);
    for (const auto& row : std::vector<Local>{{"refresh", "", full_report},
                                              {"start_session", "", full_report},
                                              {"resume_session", "", full_report},
                                              {"pause_session"},
                                              {"quit"},
                                              {"get_state"},
                                              {"toJson"},
                                              {"trust_certificate", fingerprint},
                                              {"set_chamber_temp", R"({"value":30})"},
                                              {"cancel_transfer"}}) {
        INFO("command: ", std::string{row.command});
        const auto plan = subject.plan(row.command, row.arguments);
        const bool is_own = find_command(row.command)->run != send_plan;
        CHECK(is_own);
        CHECK_FALSE(plan.work.has_value());
        CommandFixture::check_requests(plan, row.requests);
    }
}

TEST_CASE("a unit is forgotten when it is known and unplugged") {
    CommandFixture subject("x1c"); // units 0, 1 and 128
    subject.denies({{"forget", R"({"unit":"ams_1"})", Code::conflict, "ams_1 is plugged in"},
                    {"forget", R"({"unit":"ams_3"})", Code::not_found, "there is no unit \"ams_3\""},
                    {"forget", R"({"unit":" "})", Code::not_found, "there is no unit \" \""},
                    {"forget", R"({"unit":""})", Code::invalid_argument, "unit is"},
                    {"forget", "{}", Code::invalid_argument, "unit is missing"}});
    subject.partial(R"("ams":{"ams_exist_bits":"1"})");
    CHECK(subject.plan("forget", R"({"unit":"ams_2"})").requests.empty());
    CHECK(subject.plan("forget", R"({"unit":"ams_ht_1"})").requests.empty());
    subject.denies({{"forget", R"({"unit":"ams_1"})", Code::conflict, "ams_1 is plugged in"}});
}

TEST_CASE("a certificate is identified by its SHA-256, with or without colons") {
    const CommandFixture subject(Model::p1s);
    std::string plain;
    std::string colons;
    for (int i = 0; i < 32; ++i) {
        plain += "aF";
        colons += colons.empty() ? "aF" : ":aF";
    }
    CHECK(subject.plan("trust_certificate", Json{{"fingerprint", plain}}.dump()).requests.empty());
    CHECK(subject.plan("trust_certificate", Json{{"fingerprint", colons}}.dump()).requests.empty());
    for (const auto& wrong :
         {plain.substr(1), plain + "0", plain.substr(1) + "g", std::string{"x"}, colons + ":a"}) {
        INFO("fingerprint: ", wrong);
        subject.denies({{"trust_certificate", Json{{"fingerprint", wrong}}.dump(), Code::invalid_argument,
                         "fingerprint"}});
    }
}
