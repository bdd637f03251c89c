#include "unit/command/scene.hpp"

using namespace bambu2mqtt;
using test::Denied;
using test::Scene;

namespace {

struct Local {
    std::string_view command{};
    Deed deed{};
    std::string_view arguments{};
};

} // namespace

TEST_CASE("what the gateway does itself sends no request of its own") {
    constexpr auto fingerprint =
        R"({"fingerprint":"00112233445566778899aAbBcCdDeEfF00112233445566778899aabbccddeeff"})";
    const Scene scene(Model::p1s);
    for (const auto& row :
         {Local{"refresh", Deed::refresh}, Local{"start_session", Deed::start_session},
          Local{"resume_session", Deed::resume_session}, Local{"pause_session", Deed::pause_session},
          Local{"quit", Deed::quit}, Local{"get_state", Deed::get_state}, Local{"toJson", Deed::get_state},
          Local{"trust_certificate", Deed::trust, fingerprint},
          Local{"set_chamber_temp", Deed::chamber_value, R"({"value":30})"},
          Local{"get_current_bind_list", Deed::bind_list}, Local{"cancel_transfer", Deed::cancel_transfer}}) {
        INFO("command: ", std::string{row.command});
        const auto plan = scene.plan(row.command, row.arguments);
        CHECK(plan.deed == row.deed);
        CHECK(plan.requests.empty());
        CHECK_FALSE(plan.file.has_value());
    }
}

TEST_CASE("a unit is forgotten when it is known and not plugged in") {
    Scene scene("x1c"); // units 0, 1 and 128
    scene.denies({{"forget", R"({"unit":"ams_1"})", Code::conflict, "ams_1 is plugged in"},
                  {"forget", R"({"unit":"ams_3"})", Code::not_found, "there is no unit ams_3"},
                  {"forget", R"({"unit":""})", Code::invalid_argument, "unit is"},
                  {"forget", "{}", Code::invalid_argument, "unit is missing"}});
    scene.tell(R"("ams":{"ams_exist_bits":"1"})");
    CHECK(scene.plan("forget", R"({"unit":"ams_2"})").deed == Deed::forget);
    CHECK(scene.plan("forget", R"({"unit":"ams_ht_1"})").deed == Deed::forget);
    scene.denies({{"forget", R"({"unit":"ams_1"})", Code::conflict, "ams_1 is plugged in"}});
}

TEST_CASE("a certificate is trusted by its SHA-256, with or without colons") {
    const Scene scene(Model::p1s);
    std::string plain;
    std::string colons;
    for (int i = 0; i < 32; ++i) {
        plain += "aF";
        colons += colons.empty() ? "aF" : ":aF";
    }
    CHECK(scene.plan("trust_certificate", Json{{"fingerprint", plain}}.dump()).deed == Deed::trust);
    CHECK(scene.plan("trust_certificate", Json{{"fingerprint", colons}}.dump()).deed == Deed::trust);
    for (const auto& wrong :
         {plain.substr(1), plain + "0", plain.substr(1) + "g", std::string{"x"}, colons + ":a"}) {
        INFO("fingerprint: ", wrong);
        scene.denies({{"trust_certificate", Json{{"fingerprint", wrong}}.dump(), Code::invalid_argument,
                       "fingerprint"}});
    }
}
