#include "unit/command/command_fixture.hpp"

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;

namespace {

struct Local {
    std::string_view command{};
    LocalAction local_action{};
    std::string_view arguments{};
};

} // namespace

TEST_CASE("local actions send no request") {
    constexpr auto fingerprint =
        R"({"fingerprint":"00112233445566778899aAbBcCdDeEfF00112233445566778899aabbccddeeff"})";
    const CommandFixture subject(Model::p1s);
    for (const auto& row :
         {Local{"refresh", LocalAction::refresh}, Local{"start_session", LocalAction::start_session},
          Local{"resume_session", LocalAction::resume_session},
          Local{"pause_session", LocalAction::pause_session}, Local{"quit", LocalAction::quit},
          Local{"get_state", LocalAction::get_state}, Local{"toJson", LocalAction::get_state},
          Local{"trust_certificate", LocalAction::trust, fingerprint},
          Local{"set_chamber_temp", LocalAction::chamber_value, R"({"value":30})"},
          Local{"get_current_bind_list", LocalAction::bind_list},
          Local{"cancel_transfer", LocalAction::cancel_transfer}}) {
        INFO("command: ", std::string{row.command});
        const auto plan = subject.plan(row.command, row.arguments);
        CHECK(plan.local_action == row.local_action);
        CHECK(plan.requests.empty());
        CHECK_FALSE(plan.file.has_value());
    }
}

TEST_CASE("a unit is forgotten when it is known and unplugged") {
    CommandFixture subject("x1c"); // units 0, 1 and 128
    subject.denies({{"forget", R"({"unit":"ams_1"})", Code::conflict, "ams_1 is plugged in"},
                    {"forget", R"({"unit":"ams_3"})", Code::not_found, "there is no unit ams_3"},
                    {"forget", R"({"unit":""})", Code::invalid_argument, "unit is"},
                    {"forget", "{}", Code::invalid_argument, "unit is missing"}});
    subject.tell(R"("ams":{"ams_exist_bits":"1"})");
    CHECK(subject.plan("forget", R"({"unit":"ams_2"})").local_action == LocalAction::forget);
    CHECK(subject.plan("forget", R"({"unit":"ams_ht_1"})").local_action == LocalAction::forget);
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
    CHECK(subject.plan("trust_certificate", Json{{"fingerprint", plain}}.dump()).local_action ==
          LocalAction::trust);
    CHECK(subject.plan("trust_certificate", Json{{"fingerprint", colons}}.dump()).local_action ==
          LocalAction::trust);
    for (const auto& wrong :
         {plain.substr(1), plain + "0", plain.substr(1) + "g", std::string{"x"}, colons + ":a"}) {
        INFO("fingerprint: ", wrong);
        subject.denies({{"trust_certificate", Json{{"fingerprint", wrong}}.dump(), Code::invalid_argument,
                         "fingerprint"}});
    }
}
