// Exception boundary of threads: an exception in a job affects only that job.
#include "io/thread/link_thread.hpp"
#include "support/eventually.hpp"
#include "unit/source_directory.hpp"
#include <bambu2mqtt/io/thread/guard.hpp>

#include <doctest/doctest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

using namespace bambu2mqtt;

namespace {

/// Captures the log instead of stderr.
class CapturedLog {
  public:
    CapturedLog() : former_(spdlog::default_logger()) {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>(
            "captured", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
    }

    CapturedLog(const CapturedLog&) = delete;
    CapturedLog& operator=(const CapturedLog&) = delete;

    ~CapturedLog() { spdlog::set_default_logger(former_); }

    [[nodiscard]] bool has(std::string_view part) const {
        return text_.str().find(part) != std::string::npos;
    }

  private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::logger> former_;
};

} // namespace

TEST_CASE("an exception in a job fails that job only, whatever is thrown") {
    const CapturedLog log;
    std::string reason;
    const auto failed = [&reason](std::string_view text) { reason = text; };
    CHECK_FALSE(guard(
        "some work", [] { throw std::runtime_error("no memory"); }, failed));
    CHECK(reason == "no memory");
    CHECK(log.has("some work: internal error: no memory"));
    CHECK_FALSE(guard(
        "other work", [] { throw 1; }, failed));
    CHECK(reason == "unknown exception");
    CHECK(log.has("other work: internal error: unknown exception"));
    reason.clear();
    CHECK(guard(
        "third work", [] {}, failed));
    CHECK(reason.empty());
    CHECK_FALSE(log.has("third work"));
}

TEST_CASE("an exception in a failure handler does not escape either") {
    const CapturedLog log;
    CHECK_FALSE(guard(
        "test", [] { throw std::runtime_error("first"); },
        [](std::string_view) { throw std::logic_error("second"); }));
    CHECK(log.has("test: internal error: first"));
    CHECK(log.has("test: internal error: second"));
}

TEST_CASE("a thread whose body throws ends and can be joined") {
    const CapturedLog log;
    bool ran = false;
    auto thread = guarded_thread("a thread", [&ran] {
        ran = true;
        throw std::runtime_error("escapes from the body");
    });
    thread.join();
    CHECK(ran);
    CHECK(log.has("a thread: internal error: escapes from the body"));
}

TEST_CASE("an exception in a job on the link thread ends that job only") {
    const CapturedLog log;
    LinkThread thread;
    std::atomic<bool> next_ran = false;
    thread.post([] { throw std::runtime_error("escapes from a job"); });
    thread.post([&next_ran] { next_ran = true; });
    CHECK(test_support::eventually(test_support::test_timeout, [&] { return next_ran.load(); }));
    thread.stop();
    CHECK(log.has("internal error: escapes from a job"));
}

TEST_CASE("every thread of the program is started by guarded_thread") {
    // std::thread(..), std::thread{..}, and members that start a thread in an initializer
    const std::regex bare(R"(std::(j?thread|async)\s*[({]|\w+_\s*[({]\s*\[this\][^;]*run\(\))");
    const auto top = test::source_directory();
    std::size_t guarded = 0;
    for (const auto* const folder : {"src", "include"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(top / folder)) {
            if (!entry.is_regular_file() || entry.path().filename() == "guard.hpp") {
                continue;
            }
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);) {
                const bool by_guard = line.find("guarded_thread(") != std::string::npos;
                guarded += by_guard ? 1 : 0;
                INFO(entry.path().string(), ": ", line);
                CHECK((by_guard || !std::regex_search(line, bare)));
            }
        }
    }
    CHECK(guarded >= 7);
}
