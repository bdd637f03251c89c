#include "cli/log_tap.hpp"

#include <doctest/doctest.h>
#include <spdlog/logger.h>

#include <memory>
#include <string>

using namespace bambu2mqtt;

TEST_SUITE("cli/log_tap") {
    TEST_CASE("it passes on warnings and errors alone, each as one printable line") {
        const auto tap = std::make_shared<LogTap>();
        spdlog::logger logger{"test", tap};
        logger.set_level(spdlog::level::trace);
        logger.debug("a");
        logger.info("b");
        logger.warn("p1: c\n\x1b[2J");
        logger.error("d");
        logger.critical("e");
        logger.warn(std::string(5000, 'x'));
        const auto lines = tap->take();
        REQUIRE(lines.size() == 4);
        CHECK(lines[0].level == Level::warning);
        CHECK(lines[0].text == "p1: c??[2J");
        CHECK(lines[1].level == Level::error);
        CHECK(lines[1].text == "d");
        CHECK(lines[2].level == Level::error);
        CHECK(lines[3].text.size() <= LogTap::longest_text + 3);
        CHECK(tap->take().empty());
    }

    TEST_CASE("it keeps a bounded number of lines, and says how many it has lost") {
        const auto tap = std::make_shared<LogTap>();
        spdlog::logger logger{"test", tap};
        for (int i = 0; i < 10'000; ++i) {
            logger.warn("{}", i);
        }
        const auto lines = tap->take();
        REQUIRE(lines.size() == LogTap::most_waiting);
        CHECK(lines.front().text == "0");
        CHECK(lines.back().lost == 10'000 - LogTap::most_waiting);
    }

    TEST_CASE("its reader is woken once for all lines until it takes them") {
        const auto tap = std::make_shared<LogTap>();
        spdlog::logger logger{"test", tap};
        int woken = 0;
        logger.warn("before");
        tap->listen([&] { ++woken; });
        CHECK(woken == 1);
        logger.warn("a");
        CHECK(woken == 1);
        CHECK(tap->take().size() == 2);
        logger.warn("b");
        logger.warn("c");
        CHECK(woken == 2);
        tap->listen({});
        CHECK(tap->take().size() == 2);
        logger.warn("d");
        CHECK(woken == 2);
    }
}
