// Incremental decoding equals complete decoding, in any order of messages. FedPrinter compares every value
// and every attribute after each message; here it gets many messages.
#include "unit/state/random_reports.hpp"

namespace bambu2mqtt::test {

namespace {

struct Written {
    std::string get_version{};
    Json print{};
};

Written report_of(std::string_view model) {
    const auto text = fixture(model);
    const auto parts = split_messages(text);
    return Written{std::string{parts[0].text}, Json::parse(parts[1].text)["print"]};
}

/// A printer that received the same, in the same order, and nothing else.
void check_same_as_fresh(const FedPrinter& printer, const std::vector<std::string>& history,
                         const Given& given) {
    FedPrinter fresh(given);
    for (const auto& message : history) {
        fresh.feed(message);
    }
    CHECK(fresh.states() == printer.states());
}

} // namespace

TEST_CASE("random partial reports of every model leave no stale value") {
    for (const auto model : fixture_models) {
        const auto sample = report_of(model);
        for (unsigned seed = 1; seed <= 2; ++seed) {
            INFO(std::string{model}, ", seed ", seed);
            RandomReports random(seed);
            FedPrinter printer;
            std::vector<std::string> history{sample.get_version, RandomReports::message(sample.print, 0)};
            for (int i = 0; i < 25; ++i) {
                history.push_back(RandomReports::message(random.excerpt(random.vary(sample.print)), 1));
            }
            for (const auto& message : history) {
                printer.feed(message);
            }
            check_same_as_fresh(printer, history, Given{});
        }
    }
}

TEST_CASE("reports of other models for an unknown printer") {
    for (unsigned seed = 1; seed <= 4; ++seed) {
        INFO("seed ", seed);
        RandomReports random(seed);
        FedPrinter printer;
        for (int i = 0; i < 25; ++i) {
            const auto sample = report_of(fixture_models[random.below(fixture_models.size())]);
            if (random.chance(15)) {
                printer.feed(sample.get_version);
            }
            const bool whole = random.chance(20);
            printer.feed(RandomReports::message(
                whole ? random.vary(sample.print) : random.excerpt(sample.print), whole ? 0 : 1));
        }
    }
}

TEST_CASE("partial reports first, for a remembered printer") {
    for (const auto model : fixture_models) {
        const auto sample = report_of(model);
        FedPrinter before;
        before.feed_lines(fixture(model));
        RandomReports random(7);
        FedPrinter printer(Given{.remembered = before.facts()});
        for (int i = 0; i < 20; ++i) {
            INFO(std::string{model}, ", message ", i);
            printer.feed(RandomReports::message(random.excerpt(random.vary(sample.print)), i == 12 ? 0 : 1));
        }
    }
}

TEST_CASE("a repeated message changes nothing") {
    for (const auto model : fixture_models) {
        const auto sample = report_of(model);
        RandomReports random(11);
        FedPrinter printer;
        printer.feed_lines(fixture(model));
        for (int i = 0; i < 10; ++i) {
            const auto message = RandomReports::message(random.vary(sample.print), 0);
            printer.feed(message);
            const auto states = printer.states();
            printer.feed(message); // restores what the first one dropped of a removed tray: its state
            CHECK(states == printer.states());
            INFO(std::string{model}, ": ", message);
            const auto update = printer.feed(message);
            CHECK(update.changed.empty());
            CHECK_FALSE(update.layout_changed);
            CHECK(states == printer.states());
        }
    }
}

TEST_CASE("with a clock, too") {
    RandomReports random(13);
    const auto sample = report_of("h2d");
    FedPrinter printer;
    printer.feed_lines(fixture("h2d"));
    for (int i = 0; i < 60; ++i) {
        const Now now{.instant = Instant{std::chrono::seconds{i * 20}},
                      .wall = WallTime{std::chrono::seconds{1767600000 + i * 20}}};
        printer.feed(RandomReports::message(random.excerpt(random.vary(sample.print)), 1), now);
        printer.tick(now);
    }
    CHECK(printer["total_usage"] != "None");
}

} // namespace bambu2mqtt::test
