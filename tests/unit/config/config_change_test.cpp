// What a configuration that was read again changes in the running one.
#include "unit/config/config_text.hpp"
#include <bambu2mqtt/config/config_change.hpp>
#include <bambu2mqtt/config/config_table.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

using Texts = std::vector<std::string>;

/// The smallest configuration, with a second printer.
Config two_printers() {
    return good(after("[[printer]]\nserial = \"01S00C000000002\"\naccess_code = \"12345678\""));
}

/// The change of the first printer when one of its values differs.
template <typename T>
PrinterChange change_of(T PrinterConfig::*member, T value) {
    const auto running = two_printers();
    auto wanted = running;
    wanted.printers[0].*member = std::move(value);
    const auto change = config_change(running, wanted);
    CHECK(change.any());
    CHECK(change.config == wanted);
    CHECK(change.printers[1] == PrinterChange::none);
    return change.printers[0];
}

} // namespace

TEST_CASE("a configuration that is equal changes nothing") {
    const auto running = two_printers();
    const auto change = config_change(running, running);
    CHECK_FALSE(change.any());
    CHECK(change.restart.empty());
    CHECK(change.config == running);
    CHECK(change.printers == std::vector{PrinterChange::none, PrinterChange::none});
}

TEST_CASE("what a connection depends on reconnects a printer, the rest of its settings does not") {
    using P = PrinterConfig;
    using enum PrinterChange;
    CHECK(change_of(&P::host, std::string{"192.0.2.9"}) == reconnects);
    CHECK(change_of(&P::access_code, Secret{"87654321"}) == reconnects);
    CHECK(change_of(&P::id, std::string{"other"}) == reconnects);
    CHECK(change_of(&P::model, std::optional{Model::p1s}) == reconnects);
    CHECK(change_of(&P::tls, TlsMode::insecure) == reconnects);
    CHECK(change_of(&P::ca_file, std::filesystem::path{"ca.pem"}) == reconnects);
    CHECK(change_of(&P::username, std::string{"other"}) == reconnects);
    CHECK(change_of(&P::mqtt_port, std::uint16_t{18883}) == reconnects);
    CHECK(change_of(&P::name, std::string{"Workshop"}) == settings);
    CHECK(change_of(&P::area, std::string{"Cellar"}) == settings);
    CHECK(change_of(&P::allow, std::optional{ControlLevel::none}) == settings);
    CHECK(change_of(&P::ftps_port, std::uint16_t{1990}) == settings);
    CHECK(change_of(&P::url_scheme, std::string{"ftp"}) == settings);
    CHECK(change_of(&P::usage_hours, 3.0) == settings);
}

TEST_CASE("printers are the same while their serial is: added, moved, removed") {
    const auto running = two_printers();
    auto wanted = running;
    std::swap(wanted.printers[0], wanted.printers[1]);
    CHECK_FALSE(config_change(running, wanted).any());

    wanted.printers[1].serial = "01S00C000000003"; // in place of 01S00C123456789, with all of its settings
    const auto change = config_change(running, wanted);
    CHECK(change.printers == std::vector{PrinterChange::none, PrinterChange::added});
    REQUIRE(change.removed.size() == 1);
    CHECK(change.removed[0].serial == "01S00C123456789");
    CHECK(change.removed[0].id == wanted.printers[1].id);
}

TEST_CASE("what needs a restart stays as it was and is named, by key; the rest applies") {
    const auto running = two_printers();
    auto wanted = running;
    wanted.state_directory = "/elsewhere";
    wanted.broker.host = "other";
    wanted.broker.more_nodes.push_back({});
    wanted.broker.password = Secret{"canary"};
    wanted.broker.base_topic = "other";
    wanted.broker.largest_packet = 1;
    wanted.home_assistant.enabled = false;
    wanted.files.inline_limit = 1;
    wanted.control.allow = ControlLevel::none;
    wanted.files.allow_urls = true;
    wanted.texts.language = Language::de;
    wanted.log.level = "debug";
    wanted.metrics.listen = "127.0.0.1:9464";
    const auto change = config_change(running, wanted);
    CHECK(change.restart == Texts{"state_directory", "broker.url", "broker.password", "broker.base_topic",
                                  "home_assistant.enabled", "files.inline_limit"});
    CHECK(change.applied ==
          Texts{"control.allow", "files.allow_urls", "texts.language", "log.level", "metrics.listen"});
    auto expected = running;
    expected.control = wanted.control;
    expected.files.allow_urls = true;
    expected.texts = wanted.texts;
    expected.log = wanted.log;
    expected.metrics = wanted.metrics;
    CHECK(change.config == expected);
    // It is named again as long as it differs.
    CHECK(config_change(change.config, wanted).restart == change.restart);
    CHECK_FALSE(config_change(change.config, wanted).any());
}

TEST_CASE("files.directory does not apply beside a state_directory that it was not checked with") {
    const auto running = two_printers();
    auto wanted = running;
    wanted.files.directory = "/srv/files";
    CHECK(config_change(running, wanted).applied == Texts{"files.directory"});
    wanted.state_directory = "/elsewhere";
    wanted.files.directory = running.state_directory / "pins";
    const auto change = config_change(running, wanted);
    CHECK(change.restart == Texts{"state_directory", "files.directory"});
    CHECK_FALSE(change.any());
    CHECK(change.config == running);
}

TEST_CASE("every key outside printers is compared and copied") {
    for (const auto& key : config_keys()) {
        CAPTURE(std::string{key.name});
        CHECK(key.copy);
        CHECK((key.section == printer_section || key.change != KeyChange::reconnects));
    }
}
