// The text of a new configuration file, read back.
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/config/config_draft.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace bambu2mqtt;

TEST_CASE("a draft is read back as it was given") {
    const ConfigDraft draft{
        .broker_url = "mqtts://broker.example:8884",
        .username = "gate\"way\\",
        .password = Secret{"p\"\\ä\t'#"},
        .printers = {{.serial = "01P00C000000001",
                      .id = "p1s_0001",
                      .name = "Ground floor \"left\"",
                      .host = "192.0.2.7",
                      .access_code = Secret{"12345678"},
                      .mqtt_port = 18883,
                      .ftps_port = 1990},
                     {.serial = "01S00C000000002", .id = "x1c", .access_code = Secret{"87654321"}}}};
    const auto loaded = parse_config(config_text(draft), "test.toml");
    REQUIRE(loaded.problems.empty());
    const auto& config = loaded.config;
    CHECK(config.broker.host == "broker.example");
    CHECK(config.broker.port == 8884);
    CHECK(config.broker.tls);
    CHECK(config.broker.username == draft.username);
    CHECK(config.broker.password == draft.password);
    REQUIRE(config.printers.size() == 2);
    CHECK(config.printers[0].serial == "01P00C000000001");
    CHECK(config.printers[0].id == "p1s_0001");
    CHECK(config.printers[0].name == draft.printers[0].name);
    CHECK(config.printers[0].host == "192.0.2.7");
    CHECK(config.printers[0].access_code == Secret{"12345678"});
    CHECK(config.printers[0].mqtt_port == 18883);
    CHECK(config.printers[0].ftps_port == 1990);
    CHECK(config.printers[1].host.empty());
    CHECK(config.printers[1].mqtt_port == 8883);
}

TEST_CASE("control characters in a draft are escaped, and the reader names the key") {
    ConfigDraft draft{.broker_url = "mqtt://127.0.0.1",
                      .printers = {{.serial = "01P00C000000001",
                                    .id = "a",
                                    .name = "two\nlines\x7F",
                                    .access_code = Secret{"12345678"}}}};
    CHECK(config_text(draft).find("name = \"two\\u000Alines\\u007F\"") != std::string::npos);
    draft.printers[0].name.clear();
    draft.printers[0].serial = "1";
    const auto loaded = parse_config(config_text(draft), "test.toml");
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].key == "printer[1].serial");
}
