// Numbers that no printer measures are not shown, in states and attributes of every entity.
#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/base/json_access.hpp>

#include <cmath>
#include <cstdlib>

namespace bambu2mqtt::test {

namespace {

/// Words of 32 bits, as codes and ids have them, are the largest.
constexpr double largest_shown = 4'294'967'295.0;

/// Members that say what the rest means.
bool names_something(std::string_view key) {
    return key == "id" || key == "msg" || key == "sequence_id" || key.ends_with("_exist_bits");
}

/// Replaces all numbers, also those in texts.
void replace_numbers(Json& json, const Json& number, std::string_view key = {}) {
    if (json.is_structured()) {
        for (auto& [name, value] : json.items()) {
            replace_numbers(value, number, json.is_object() ? std::string_view{name} : key);
        }
    } else if (!names_something(key) && read::number(&json)) {
        json = json.is_string() ? Json(number.dump()) : number;
    }
}

void check_numbers(const OrderedJson& json, const std::string& place) {
    if (json.is_structured()) {
        for (const auto& [name, value] : json.items()) {
            check_numbers(value, place + "/" + name);
        }
    } else if (json.is_number()) {
        CHECK_MESSAGE(std::abs(json.get<double>()) <= largest_shown, place);
    }
}

} // namespace

TEST_CASE("absurd numbers of a printer are shown nowhere") {
    for (const auto model : fixture_models) {
        for (const char* const text :
             {"9000000000000000000", "-9000000000000000000", "1e300", "5000000000"}) {
            const std::string shown_model{model};
            CAPTURE(shown_model);
            CAPTURE(text);
            const auto number = Json::parse(text);
            FedPrinter printer;
            const auto lines = fixture(model);
            printer.feed_lines(lines);
            for (const auto& fragment : split_messages(lines)) {
                auto message = Json::parse(fragment.text);
                if (message.contains("print")) {
                    replace_numbers(message, number);
                    printer.feed(message.dump());
                }
            }
            for (const auto& state : printer.states()) {
                const auto& id = state.first;
                const auto& payload = state.second;
                char* end = nullptr;
                const double value = std::strtod(payload.c_str(), &end);
                const bool is_number = end != payload.c_str() && *end == '\0';
                const bool fits = !is_number || std::abs(value) <= largest_shown;
                CHECK_MESSAGE(fits, id, " = ", payload);
                const auto index = printer.find(id);
                REQUIRE(index.has_value());
                check_numbers(printer.printer().attributes(*index), id);
            }
        }
    }
}

TEST_CASE("numbers without a limit of their own are limited") {
    FedPrinter printer;
    const auto stage_of = [&](const char* reported) {
        printer.full(std::string{R"("mc_print_stage":)"} + reported);
        return printer["print_stage"];
    };
    CHECK(stage_of("\"2\"") == "2");
    CHECK(stage_of("-1") == "-1");
    CHECK(stage_of("\"heating\"") == "heating");
    CHECK(stage_of("9999") == "9999");
    CHECK(stage_of("10000") == "None");
    CHECK(stage_of("\"123456789012345678901234567890\"") == "None");
    CHECK(stage_of("2.5") == "None");
}

} // namespace bambu2mqtt::test
