// However a printer cuts its news into partial reports, they end where the whole report would have ended.
#include "random_reports.hpp"

namespace bambu2mqtt::test {

namespace {

/// Values of what is plugged in now; what was unplugged keeps what it showed last.
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

void check_equal(const FedPrinter& whole, const FedPrinter& parts, const std::string& except = {}) {
    auto expected = present_states(whole);
    expected.erase(except);
    const auto seen = present_states(parts);
    for (const auto& [id, value] : expected) {
        const auto found = seen.find(id);
        if (found == seen.end() || found->second != value) {
            FAIL_CHECK(id, " is ", found == seen.end() ? "(absent)" : found->second, " and should be ",
                       value);
        }
    }
}

} // namespace

TEST_CASE("a full report and any split of the next one into partial ones end where that one alone does") {
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
            check_equal(whole, parts, "sdcard_status"); // partial reports alone make no storage missing
        }
    }
}

TEST_CASE("two full reports one after the other end where the last one alone does") {
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
