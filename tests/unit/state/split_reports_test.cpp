// Partial reports give the same state as the full report, however it is split.
#include "unit/state/random_reports.hpp"

namespace bambu2mqtt::test {

namespace {

/// Values of present units; unplugged ones keep their last values.
std::map<std::string, std::string> present_states(const FedPrinter& printer) {
    std::map<std::string, std::string> result;
    const auto& instances = printer.printer().layout().instances();
    for (std::size_t i = 0; i < instances.size(); ++i) {
        if (printer.printer().present(i)) {
            result[instances[i].id] =
                payload_of(printer.printer().value(i)) + " " +
                printer.printer().attributes(i).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
        }
    }
    return result;
}

/// Job values sent before the state changes to a new job do not belong to that job.
bool is_job_value(std::string_view id) {
    return id == "print_progress" || id == "remaining_time" || id == "current_layer" || id == "total_layers";
}

bool is_storage(std::string_view id) {
    return id == "sdcard_status";
}

bool is_storage_or_job_value(std::string_view id) {
    return is_storage(id) || is_job_value(id);
}

/// States of both, except for some entities.
void check_equal(
    const FedPrinter& whole, const FedPrinter& parts,
    bool (*except)(std::string_view) = [](std::string_view) { return false; }) {
    const auto expected = present_states(whole);
    const auto seen = present_states(parts);
    for (const auto& [id, value] : expected) {
        if (except(id)) {
            continue;
        }
        const auto found = seen.find(id);
        if (found == seen.end() || found->second != value) {
            FAIL_CHECK(id, " is ", found == seen.end() ? "(absent)" : found->second, " and should be ",
                       value);
        }
    }
}

} // namespace

TEST_CASE(
    "a full report and any split of the next one into partial ones give the same state as that one alone") {
    for (const auto model : fixture_models) {
        const auto text = fixture(model);
        const auto messages = split_messages(text);
        const auto print = Json::parse(messages[1].text)["print"];
        for (unsigned seed = 1; seed <= 6; ++seed) {
            RandomReports random(seed);
            const auto first = random.vary(print);
            const auto second = random.vary(first);
            FedPrinter whole;
            whole.feed(messages[0].text);
            whole.feed(RandomReports::message(second, 0));
            FedPrinter parts;
            parts.feed(messages[0].text);
            parts.feed(RandomReports::message(first, 0));
            std::string story = RandomReports::message(first, 0);
            for (const auto& part : random.split(second)) {
                parts.feed(RandomReports::message(part, 1));
                story += "\n" + RandomReports::message(part, 1);
            }
            INFO(std::string{model}, ", seed ", seed, "\n", story);
            // Partial reports alone never make storage missing.
            const bool same_state = first["gcode_state"] == second["gcode_state"];
            check_equal(whole, parts, same_state ? is_storage : is_storage_or_job_value);
        }
    }
}

TEST_CASE("two full reports give the same state as the last one alone") {
    for (const auto model : fixture_models) {
        const auto text = fixture(model);
        const auto messages = split_messages(text);
        const auto print = Json::parse(messages[1].text)["print"];
        for (unsigned seed = 21; seed <= 24; ++seed) {
            RandomReports random(seed);
            const auto first = random.vary(print);
            const auto second = random.vary(first);
            FedPrinter alone;
            alone.feed(messages[0].text);
            alone.feed(RandomReports::message(second, 0));
            FedPrinter both;
            both.feed(messages[0].text);
            both.feed(RandomReports::message(first, 0));
            both.feed(RandomReports::message(second, 0));
            INFO(std::string{model}, ", seed ", seed);
            check_equal(alone, both);
        }
    }
}

} // namespace bambu2mqtt::test
