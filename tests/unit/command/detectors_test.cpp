#include "unit/command/command_fixture.hpp"

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;
using test::Sent;

namespace {

struct Detector {
    std::string_view command{};
    std::string_view module{};
    unsigned fun_bit = 0; ///< of the capability word
    unsigned cfg_bit = 0; ///< of xcam.cfg; two bits of level follow
};

constexpr std::array with_level{Detector{"set_spaghetti_detector", "spaghetti_detector", 42, 7},
                                Detector{"set_purgechutepileup_detector", "pileup_detector", 43, 10},
                                Detector{"set_nozzleclumping_detector", "clump_detector", 44, 13},
                                Detector{"set_airprinting_detector", "airprint_detector", 45, 16}};

constexpr std::array without_level{Detector{"set_buildplate_marker_detector", "buildplate_marker_detector"},
                                   Detector{"set_first_layer_inspection", "first_layer_inspector"}};

std::string request(std::string_view module, bool on, std::string_view level = {}) {
    Json body{{"command", "xcam_control_set"},
              {"module_name", module},
              {"control", on},
              {"enable", on},
              {"print_halt", true}};
    if (!level.empty()) {
        body["halt_print_sensitivity"] = level;
    }
    return Json{{"xcam", body}}.dump();
}

std::string words(std::uint64_t fun, std::uint64_t cfg) {
    return fmt::format(R"("gcode_state":"IDLE","fun":"{:X}","xcam":{{"cfg":{}}})", fun, cfg);
}

constexpr std::uint64_t bit(unsigned index) {
    return std::uint64_t{1} << index;
}

} // namespace

TEST_CASE("detectors with a sensitivity") {
    for (const auto& detector : with_level) {
        INFO("command: ", std::string{detector.command});
        const CommandFixture subject(Model::h2s, words(bit(detector.fun_bit), 0));
        subject.sends(
            {{detector.command, R"({"enabled":true})", {request(detector.module, true, "medium")}},
             {detector.command, R"({"enabled":"OFF"})", {request(detector.module, false, "medium")}},
             {detector.command,
              R"({"enabled":1,"sensitivity":"HIGH"})",
              {request(detector.module, true, "high")}},
             {detector.command, R"({"enabled":1,"sensitivity":0})", {request(detector.module, true, "low")}},
             {detector.command,
              R"({"enabled":1,"sensitivity":"never_halt"})",
              {request(detector.module, true, "never_halt")}}});
        subject.denies({{detector.command, "{}", Code::invalid_argument, "enabled is missing"},
                        {detector.command, R"({"enabled":1,"sensitivity":"max"})", Code::invalid_argument,
                         R"("low", "medium", "high" or "never_halt")"}});
        CommandFixture(Model::h2s, words(0, 0))
            .denies({{detector.command, R"({"enabled":true})", Code::not_supported, "detection"}});
        CHECK(CommandFixture(Model::h2s).plan(detector.command, R"({"enabled":true})").requests.size() == 1);
    }
}

TEST_CASE("detectors without a sensitivity") {
    for (const auto& detector : without_level) {
        INFO("command: ", std::string{detector.command});
        const CommandFixture subject(Model::x1c, fmt::format(R"("xcam":{{"{}":false}})", detector.module));
        subject.sends({{detector.command, R"({"enabled":true})", {request(detector.module, true)}},
                       {detector.command, R"({"enabled":false})", {request(detector.module, false)}}});
        subject.denies({{detector.command, R"({"enabled":true,"sensitivity":"low"})", Code::invalid_argument,
                         R"(unknown argument "sensitivity", expected "enabled")"}});
        CommandFixture(Model::p1s, R"("gcode_state":"IDLE")")
            .denies({{detector.command, R"({"enabled":true})", Code::not_supported, "this needs"}});
    }
}

TEST_CASE("a detector is confirmed by its switch and, when on, by its level") {
    for (const auto& detector : with_level) {
        INFO("command: ", std::string{detector.command});
        const auto fun = bit(detector.fun_bit);
        CommandFixture subject(Model::h2s, words(fun, 0));
        const auto* const on = R"({"enabled":true})"; // medium: 1
        CHECK_FALSE(subject.confirms(detector.command, on));
        CHECK(subject.confirms(detector.command, R"({"enabled":false})"));
        subject.partial(words(fun, bit(detector.cfg_bit)));
        CHECK_FALSE(subject.confirms(detector.command, on)); // low
        subject.partial(words(fun, bit(detector.cfg_bit) | bit(detector.cfg_bit + 1)));
        CHECK(subject.confirms(detector.command, on));
        CHECK_FALSE(subject.confirms(detector.command, R"({"enabled":true,"sensitivity":"high"})"));
        CHECK_FALSE(subject.confirms(detector.command, R"({"enabled":false})"));
    }
    // Old firmware reports no level of this one.
    CommandFixture old(Model::x1c, R"("xcam":{"pileup_detector":true})");
    CHECK(old.confirms("set_purgechutepileup_detector", R"({"enabled":true,"sensitivity":"high"})"));
    for (const auto& detector : without_level) {
        CommandFixture subject(Model::x1c, fmt::format(R"("xcam":{{"{}":false}})", detector.module));
        CHECK_FALSE(subject.confirms(detector.command, R"({"enabled":true})"));
        subject.partial(fmt::format(R"("xcam":{{"{}":true}})", detector.module));
        CHECK(subject.confirms(detector.command, R"({"enabled":true})"));
    }
}

TEST_CASE("a print option is one key, and recovery has an additional number") {
    const CommandFixture subject(
        Model::a1,
        R"("gcode_state":"IDLE","home_flag":573308928,"ams":{"ams":[{"id":"0","tray":[]}],
                                    "ams_exist_bits":"1"})"); // 0x222C0000: 18, 19, 21, 25, 29
    const auto option = [](std::string_view key, bool on) {
        return Json{{"print", {{"command", "print_option"}, {key, on}}}}.dump();
    };
    subject.sends(
        {{"set_print_option",
          R"({"option":"auto_recovery","enabled":true})",
          {R"({"print":{"command":"print_option","auto_recovery":true,"option":1}})"}},
         {"set_print_option",
          R"({"option":0,"enabled":false})",
          {R"({"print":{"command":"print_option","auto_recovery":false,"option":0}})"}},
         {"set_print_option", R"({"option":1,"enabled":true})", {option("filament_tangle_detect", true)}},
         {"set_print_option", R"({"option":"SOUND_ENABLE","enabled":"on"})", {option("sound_enable", true)}},
         {"set_print_option", R"({"option":3,"enabled":0})", {option("auto_switch_filament", false)}},
         {"set_print_option", R"({"option":4,"enabled":1})", {option("nozzle_blob_detect", true)}},
         {"set_print_option", R"({"option":5,"enabled":1})", {option("air_print_detect", true)}}});
    subject.denies(
        {{"set_print_option", R"({"option":6,"enabled":true})", Code::invalid_argument, R"("auto_recovery")"},
         {"set_print_option", R"({"enabled":true})", Code::invalid_argument, "option is missing"},
         {"set_print_option", R"({"option":0})", Code::invalid_argument, "enabled is missing"}});
}

TEST_CASE("an option that the printer lacks is refused by name") {
    const CommandFixture subject(Model::x1c, R"("gcode_state":"IDLE","home_flag":0)");
    for (const auto* const option : {"filament_tangle_detect", "sound_enable", "auto_switch_filament",
                                     "nozzle_blob_detect", "air_print_detect"}) {
        subject.denies({{"set_print_option", fmt::format(R"({{"option":"{}","enabled":true}})", option),
                         Code::not_supported, option}});
    }
    CHECK(subject.plan("set_print_option", R"({"option":"auto_recovery","enabled":true})").requests.size() ==
          1);
}

TEST_CASE("options are confirmed by their switches") {
    struct Option {
        std::string_view name{};
        unsigned support = 0; ///< bit of home_flag
        unsigned state = 0;
    };

    for (const auto& option : {Option{"auto_recovery", 4, 4}, Option{"filament_tangle_detect", 19, 20},
                               Option{"sound_enable", 18, 17}, Option{"nozzle_blob_detect", 25, 24},
                               Option{"air_print_detect", 29, 28}}) {
        INFO("option: ", std::string{option.name});
        const auto on = fmt::format(R"({{"option":"{}","enabled":true}})", option.name);
        const auto off = fmt::format(R"({{"option":"{}","enabled":false}})", option.name);
        const auto supported = option.support == option.state ? 0 : bit(option.support);
        CommandFixture subject(Model::a1, fmt::format(R"("home_flag":{})", supported));
        CHECK_FALSE(subject.confirms("set_print_option", on));
        CHECK(subject.confirms("set_print_option", off));
        subject.partial(fmt::format(R"("home_flag":{})", supported | bit(option.state)));
        CHECK(subject.confirms("set_print_option", on));
        CHECK_FALSE(subject.confirms("set_print_option", off));
    }
}
