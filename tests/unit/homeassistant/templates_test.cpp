#include <bambu2mqtt/homeassistant/templates.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

using namespace bambu2mqtt;

namespace {

OrderedJson json(std::string_view text) {
    return OrderedJson::parse(text);
}

/// The only problem of a text, or "" if none.
std::string problem(std::string_view text, std::string_view file, bool is_patch = false) {
    const auto parsed = parse_template(text, file, is_patch);
    return parsed ? std::string{} : parsed.error().detail;
}

constexpr std::string_view good_device = R"({"device": {"identifiers": ["${identifier}"]},
    "origin": {"name": "bambu2mqtt"}, "components": "${components}"})";

/// A temporary folder, removed at the end of the test.
class TemplateFolder {
  public:
    TemplateFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "templates-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
        std::filesystem::create_directory(path_ / "entities");
    }

    TemplateFolder(const TemplateFolder&) = delete;
    TemplateFolder& operator=(const TemplateFolder&) = delete;

    ~TemplateFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace

TEST_CASE("a text that is exactly one placeholder becomes a value of that type") {
    const Placeholders values{{"options", json(R"(["a","b"])")},
                              {"enabled_by_default", false},
                              {"name", "Bed"},
                              {"unit", json("7")}};
    const auto form =
        json(R"({"o": "${options}", "e": "${enabled_by_default}", "n": "${name}", "u": "${unit}"})");
    CHECK(fill_template(form, values).dump() == R"({"o":["a","b"],"e":false,"n":"Bed","u":7})");
}

TEST_CASE("a key or list element without a value is removed") {
    const Placeholders values{{"name", "Bed"}, {"icon", nullptr}};
    const auto form =
        json(R"({"icon": "${icon}", "list": ["${unit}", "${name}", "x"], "inner": {"unit": "${unit}"}})");
    CHECK(fill_template(form, values).dump() == R"({"list":["Bed","x"],"inner":{}})");
    CHECK(fill_template(json(R"({"a": "in ${unit}", "b": "${name} in ${unit}"})"), values).dump() == "{}");
}

TEST_CASE("placeholders within longer text become text, and Jinja is left alone") {
    const Placeholders values{{"name", "${unit}"}, {"entity_id", "bed"}, {"enabled_by_default", false}};
    const auto form =
        json(R"({"a": "${entity_id}:${enabled_by_default}/${entity_id}", "b": "{{ value_json.x }}",
                               "c": "$ {entity_id} $", "d": "-${name}"})");
    CHECK(fill_template(form, values).dump() ==
          R"({"a":"bed:false/bed","b":"{{ value_json.x }}","c":"$ {entity_id} $","d":"-${unit}"})");
}

TEST_CASE("an unknown placeholder is named with file and JSON pointer") {
    const auto bad =
        R"({"unique_id": "${unique_id}", "state_topic": "x", "list": [{"a/b~": "see ${nmae}"}]})";
    CHECK(problem(bad, "sensor.json") == "sensor.json: /list/0/a~1b~0: unknown placeholder ${nmae}");
    CHECK(problem(R"({"icon": "${}"})", "entities/hms.json", true) ==
          "entities/hms.json: /icon: unknown placeholder ${}");
    CHECK(problem(R"({"icon": "${name"})", "entities/hms.json", true) ==
          "entities/hms.json: /icon: expected } after ${");
    CHECK(problem(R"({"${name}": 1})", "entities/hms.json", true) ==
          "entities/hms.json: /${name}: placeholders are allowed in values, not in keys");
}

TEST_CASE("invalid JSON is named with line and column") {
    CHECK(problem("{\n  \"name\": \"x\",\n  oops\n}", "sensor.json") ==
          "sensor.json:3:3: expected valid JSON");
    CHECK(problem("", "sensor.json") == "sensor.json:1:1: expected valid JSON");
    CHECK(problem("{\"name\": \"\xff\"}", "entities/hms.json", true).find("expected valid JSON") !=
          std::string::npos);
    CHECK(problem("[]", "sensor.json") == "sensor.json: /: expected an object");
    CHECK(problem(R"({"min": 1e999})", "entities/hms.json", true) ==
          "entities/hms.json: /: expected numbers that fit into 64 bits");
    CHECK(problem(R"({"a": 1, "b": {"a": 1}, "a": 2})", "entities/hms.json", true) ==
          "entities/hms.json: /: key \"a\" appears twice in one object");
}

TEST_CASE("depth is limited") {
    std::string text = "1";
    for (int i = 0; i < 9; ++i) {
        text = "[" + text + "]";
    }
    CHECK(problem("{\"a\": " + text + "}", "entities/hms.json", true).empty());
    CHECK(problem("{\"a\": [" + text + "]}", "entities/hms.json", true) ==
          "entities/hms.json: /: nested deeper than 10 levels");
    CHECK(!problem(std::string(100000, '['), "entities/hms.json", true).empty());
}

TEST_CASE("a device form must be valid for Home Assistant and recognisable by the gateway") {
    CHECK(problem(good_device, "device.json").empty());
    const auto with = [](std::string_view pointer, const OrderedJson& value) {
        OrderedJson form = json(good_device);
        form[OrderedJson::json_pointer(std::string{pointer})] = value;
        return problem(form.dump(), "device.json");
    };
    CHECK(with("/name", "x").starts_with("device.json: /name: unknown key"));
    CHECK(with("/device/firmware", "x").starts_with("device.json: /device/firmware: unknown key"));
    CHECK(with("/origin/url", "x").starts_with("device.json: /origin/url: unknown key"));
    CHECK(with("/origin/name", "mine") == "device.json: /origin/name: expected \"bambu2mqtt\"");
    CHECK(with("/device", json("[]")) == "device.json: /device: expected an object");
    CHECK(with("/device/identifiers", "x") ==
          "device.json: /device/identifiers: expected [\"${identifier}\"]");
    CHECK(with("/components", json("{}")) == "device.json: /components: expected \"${components}\"");
    CHECK(with("/device/name", "${name}").find("belongs to a component") != std::string::npos);
}

TEST_CASE("fields that the gateway sets cannot be overridden in a component") {
    CHECK(problem(R"({"unique_id": "${unique_id}"})", "sensor.json") ==
          "sensor.json: /state_topic: expected a topic");
    CHECK(problem(R"({"state_topic": "x"})", "sensor.json") ==
          "sensor.json: /unique_id: expected \"${unique_id}\"");
    for (const auto* key : {"platform", "device", "origin", "unique_id"}) {
        CAPTURE(key);
        const OrderedJson patch = {{key, "x"}};
        CHECK(problem(patch.dump(), "entities/hms.json", true).find("is set by the gateway") !=
              std::string::npos);
    }
}

TEST_CASE("placeholder names are unique") {
    std::set<std::string_view> names;
    for (const auto& placeholder : placeholder_names()) {
        CHECK(names.insert(placeholder.name).second);
        CHECK(!placeholder.meaning.empty());
    }
    CHECK(find_placeholder("unique_id") != nullptr);
    CHECK(find_placeholder("") == nullptr);
}

TEST_CASE("the built-in templates have a form for each published component") {
    const auto templates = Templates::built_in();
    const Placeholders values{{"unique_id", "S_x"}, {"state_topic", "b/x"}, {"qos", 1}};
    for (const auto* name : {"sensor", "binary_sensor", "update"}) {
        CAPTURE(name);
        CHECK(templates.fill(name, values).dump() == R"({"unique_id":"S_x","state_topic":"b/x","qos":1})");
    }
    CHECK(templates.fill("device", {}).contains("origin"));
    CHECK(templates.fill("toaster", values).empty());
}

TEST_CASE("files in the folder replace built-in ones and patch single entities") {
    const TemplateFolder folder;
    folder.write("sensor.json",
                 R"({"unique_id": "${unique_id}", "state_topic": "${state_topic}", "qos": 2})");
    folder.write("entities/ams_1_humidity.json", R"({"icon": "mdi:water", "qos": null, "unit": "${unit}"})");
    folder.write("README.md", "not a template");
    std::vector<Error> problems;
    const auto templates = Templates::load(folder.path(), problems);
    REQUIRE(problems.empty());

    const Placeholders values{{"unique_id", "u"}, {"state_topic", "t"}};
    auto message = templates.fill("sensor", values);
    CHECK(message.dump() == R"({"unique_id":"u","state_topic":"t","qos":2})");
    templates.patch("ams_1_temperature", values, message);
    CHECK(message.size() == 3);
    templates.patch("ams_1_humidity", values, message);
    CHECK(message.dump() == R"({"unique_id":"u","state_topic":"t","icon":"mdi:water"})");
    CHECK(templates.fill("update", values).at("qos") == 1);
}

TEST_CASE("an override of an entity that no printer has is a problem that names the nearest one") {
    const TemplateFolder folder;
    for (const char* const id :
         {"bed_temperature", "part_fan_readonly", "part_fan_speed", "ams_lite_1_tray_4", "ams_ht_8_humidity",
          "external_spool_left", "hotend_6", "holder_state", "bridge_memory", "print_event", "pause"}) {
        folder.write("entities/" + std::string{id} + ".json", R"({"icon": "mdi:water"})");
    }
    std::vector<Error> problems;
    (void)Templates::load(folder.path(), problems);
    CHECK(problems.empty());
    for (const char* const id :
         {"bed_temprature", "ams_5_humidity", "hotend_7", "pause_readonly", "ams_ht_1_tray_2"}) {
        folder.write("entities/" + std::string{id} + ".json", R"({"icon": "mdi:water"})");
    }
    (void)Templates::load(folder.path(), problems);
    REQUIRE(problems.size() == 5);
    CHECK(problems.front().detail.starts_with("entities/ams_5_humidity.json: no printer has an entity "
                                              "\"ams_5_humidity\", did you mean \"ams_"));
    CHECK(std::ranges::count(problems,
                             "entities/bed_temprature.json: no printer has an entity \"bed_temprature\", "
                             "did you mean \"bed_temperature\"?",
                             &Error::detail) == 1);
}

TEST_CASE("all problems in a folder are reported together") {
    const TemplateFolder folder;
    folder.write("sensor.json", R"({"unique_id": "${unique}", "name": "${nme}"})");
    folder.write("sensr.json", "{}");
    folder.write("entities/Bad-Name.json", "{}");
    folder.write("entities/hms.json", "{");
    std::vector<Error> problems;
    (void)Templates::load(folder.path(), problems);
    std::string all;
    for (const auto& found : problems) {
        all += found.detail + "\n";
    }
    CAPTURE(all);
    for (const auto* expected :
         {"sensor.json: /unique_id: unknown placeholder ${unique}",
          "sensor.json: /name: unknown placeholder ${nme}", "sensor.json: /state_topic: expected a topic",
          "sensr.json: unknown template, expected binary_sensor.json",
          "entities/Bad-Name.json: unknown template", "entities/hms.json:1:2: expected valid JSON"}) {
        CAPTURE(expected);
        CHECK(all.find(expected) != std::string::npos);
    }

    std::vector<Error> missing;
    (void)Templates::load(folder.path() / "nowhere", missing);
    REQUIRE(missing.size() == 1);
    CHECK(missing.front().problem == Problem::unavailable);
}
