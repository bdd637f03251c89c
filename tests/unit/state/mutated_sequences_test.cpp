// Long sequences of well-formed but wrong reports: fields of other types and sizes, objects instead of
// numbers, missing bytes. Whatever a printer has reported, the next valid report is used. A case is one
// message. BAMBU2MQTT_CASES sets their number; ten million were run with 10000000.
#include "unit/state/random_reports.hpp"

#include <cstdlib>

namespace bambu2mqtt::test {

namespace {

constexpr std::size_t usual_cases = 100'000;
constexpr std::size_t cases_per_printer = 500; ///< then another one begins
constexpr std::size_t cases_per_check = 50;

std::size_t wanted_cases() {
    const char* const text = std::getenv("BAMBU2MQTT_CASES");
    return text == nullptr ? usual_cases : std::stoul(text);
}

/// Invalid values in place of the expected ones.
const std::vector<Json>& wrong_values() {
    static const std::vector<Json> values{nullptr,
                                          true,
                                          -1,
                                          0,
                                          255,
                                          65535,
                                          4294967295,
                                          INT64_MIN,
                                          UINT64_MAX,
                                          1e308,
                                          -0.5,
                                          "",
                                          "0",
                                          "-40",
                                          "NaN",
                                          "ffffffffffffffff",
                                          "\xF0\x9F\x94\xA5",
                                          std::string(300, 'x'),
                                          Json::array(),
                                          Json::object(),
                                          Json::array({1, nullptr, "x"}),
                                          Json{{"id", "0"}},
                                          Json::array({Json{{"id", "0"}}, Json{{"id", 128}}})};
    return values;
}

/// One printer's reports, unchanged and mutated.
struct Source {
    std::string modules{};
    std::string full{};
    std::vector<Json> excerpts{};
    std::vector<Json> wholes{};
};

std::vector<Source> sources(RandomReports& random) {
    std::vector<Source> result;
    for (const auto model : fixture_models) {
        const auto text = fixture(model);
        const auto messages = split_messages(text);
        const auto print = Json::parse(messages[1].text)["print"];
        Source source{.modules = std::string{messages[0].text}, .full = RandomReports::message(print, 0)};
        for (int i = 0; i < 40; ++i) {
            source.excerpts.push_back(random.excerpt(random.vary(print)));
        }
        for (int i = 0; i < 4; ++i) {
            source.wholes.push_back(random.vary(print));
        }
        result.push_back(std::move(source));
    }
    return result;
}

/// Replaces, removes or adds one member at any depth.
void spoil(Json& json, RandomReports& random) {
    Json* at = &json;
    while (at->is_structured() && !at->empty()) {
        auto child = at->begin();
        std::advance(child, static_cast<std::ptrdiff_t>(random.below(at->size())));
        if (child->is_structured() && random.chance(80)) {
            at = &*child;
            continue;
        }
        switch (random.below(8)) {
        case 0:
            at->erase(child);
            return;
        case 1:
            if (at->is_object()) {
                (*at)[std::to_string(random.below(300))] =
                    wrong_values()[random.below(wrong_values().size())];
                return;
            }
            [[fallthrough]];
        default:
            *child = wrong_values()[random.below(wrong_values().size())];
            return;
        }
    }
}

/// Bytes that are lost, duplicated or changed in transit.
void damage(std::string& message, RandomReports& random) {
    const auto at = random.below(message.size());
    switch (random.below(4)) {
    case 0:
        message.resize(at);
        break;
    case 1:
        message.erase(at, 1 + random.below(8));
        break;
    case 2:
        message.insert(at, message.substr(at, random.below(40)));
        break;
    default:
        message[at] = static_cast<char>(random.below(256));
    }
}

std::string next_message(const Source& source, RandomReports& random) {
    const bool whole = random.chance(5);
    auto print = whole ? source.wholes[random.below(source.wholes.size())]
                       : source.excerpts[random.below(source.excerpts.size())];
    for (auto faults = random.below(4); faults > 0; --faults) {
        spoil(print, random);
    }
    auto message = print.is_object() ? RandomReports::message(std::move(print), whole ? 0 : 1) : print.dump();
    if (random.chance(10)) {
        damage(message, random);
    }
    return message;
}

/// Each entity shows the value decoded from the complete report.
void check_values(const Printer& printer) {
    const auto& instances = printer.layout().instances();
    for (std::size_t i = 0; i < instances.size(); ++i) {
        const auto& instance = instances[i];
        if (instance.entity->decode == nullptr || !printer.present(i)) {
            continue;
        }
        if (const auto value = decode_fresh(printer, i); printer.value(i) != value) {
            FAIL_CHECK(instance.id, " shows ", payload_of(printer.value(i)), " and the report says ",
                       payload_of(value));
        }
        (void)printer.attributes(i);
    }
    auto facts = printer.facts();
    CHECK_FALSE(learn(facts, printer.report_state())); // no change was missed
}

/// A valid report after all that: its values are shown.
void check_recovery(Printer& printer, const Source& source, ReportParser& parser) {
    Printer fresh{"TEST", std::nullopt, Rounding::plain};
    for (auto* const each : {&printer, &fresh}) {
        CHECK(each->take(source.modules, parser, std::nullopt).has_value());
        CHECK(each->take(source.full, parser, std::nullopt).has_value());
    }
    const auto shown = [](const Printer& from, std::string_view id) {
        const auto index = from.layout().find(id);
        return index ? payload_of(from.value(*index)) : std::string{"(absent)"};
    };
    for (const std::string_view id :
         {"print_status", "nozzle_temperature", "bed_temperature", "print_progress", "task_name",
          "wifi_signal", "print_error", "hms_count"}) {
        INFO("entity: ", std::string{id});
        CHECK(shown(printer, id) == shown(fresh, id));
    }
}

} // namespace

TEST_CASE("no sequence of malformed reports ends a session, and the next valid report is used") {
    RandomReports random(20);
    const auto all = sources(random);
    ReportParser parser;
    const auto wanted = wanted_cases();
    std::size_t accepted = 0;
    for (std::size_t done = 0; done < wanted;) {
        const auto& source = all[random.below(all.size())];
        Printer printer{"TEST", std::nullopt, Rounding::plain};
        if (random.chance(80)) {
            REQUIRE(printer.take(source.modules, parser, std::nullopt).has_value());
            REQUIRE(printer.take(source.full, parser, std::nullopt).has_value());
        }
        Now now{.instant = Instant{}, .wall = WallTime{std::chrono::seconds{1'767'600'000}}};
        for (std::size_t i = 1; i <= cases_per_printer && done < wanted; ++i, ++done) {
            const auto message = next_message(source, random);
            INFO("case ", done, ": ", message.substr(0, 600));
            accepted += printer.take(message, parser, now).has_value() ? 1 : 0;
            now.instant += std::chrono::seconds{2};
            now.wall += std::chrono::seconds{2};
            if (i % cases_per_check == 0) {
                check_values(printer);
                (void)printer.tick(now);
                (void)printer.forget_absent_units(16);
            }
        }
        check_recovery(printer, source, parser);
    }
    MESSAGE(wanted, " cases, ", accepted, " of them taken");
    CHECK(accepted > wanted / 2);
}

} // namespace bambu2mqtt::test
