// State files that cannot be written for a while are not lost.
#include "support/eventually.hpp"
#include "support/files.hpp"
#include <bambu2mqtt/io/disk/state_files.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace bambu2mqtt::app_test {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test_support::eventually;
using test_support::read_file;
using test_support::test_timeout;

/// Texts from another thread.
class Heard {
  public:
    [[nodiscard]] StateFiles::Complaint taker() {
        return [this](const std::string& text) {
            const std::lock_guard lock(mutex_);
            texts_.push_back(text);
        };
    }

    [[nodiscard]] std::vector<std::string> texts() const {
        const std::lock_guard lock(mutex_);
        return texts_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> texts_;
};

/// A state directory in which a file blocks the folder of the printers, until mend().
struct Unwritable {
    Unwritable() { test_support::write_file(directory / "printers", "in the way"); }

    void mend() const { fs::remove(directory / "printers"); }

    [[nodiscard]] std::string content(const std::string& serial) const {
        return read_file(directory.path() / "printers" / (serial + ".json"));
    }

    test_support::TemporaryDirectory directory;
    Heard complaints;
    Heard relief;
};

} // namespace

TEST_SUITE("state files") {
    TEST_CASE("what cannot be written is kept, logged once, retried, and logged once when it is written") {
        Unwritable disk;
        StateFiles files{disk.directory.path(), disk.complaints.taker(), disk.relief.taker(), 50ms};
        files.save("A", R"({"id":"a"})");
        REQUIRE(eventually(test_timeout, [&] { return disk.complaints.texts().size() == 1; }));
        CHECK(disk.complaints.texts().front().find("printers") != std::string::npos);
        files.save("B", R"({"id":"b"})");
        CHECK_FALSE(eventually(300ms, [&] { return disk.complaints.texts().size() > 1; }));
        CHECK(disk.relief.texts().empty());
        disk.mend();
        REQUIRE(eventually(test_timeout, [&] { return disk.relief.texts().size() == 1; }));
        CHECK(disk.content("A") == R"({"id":"a"})");
        CHECK(disk.content("B") == R"({"id":"b"})");
        // The next failure is logged again.
        fs::remove_all(disk.directory / "printers");
        test_support::write_file(disk.directory / "printers", "in the way again");
        files.save("A", R"({"id":"c"})");
        CHECK(eventually(test_timeout, [&] { return disk.complaints.texts().size() == 2; }));
    }

    TEST_CASE("a file that can never be written is logged once and hides no later failure of others") {
        const test_support::TemporaryDirectory directory;
        const auto state = directory / "state";
        const auto point_to = [&](const char* target) { // in one step
            fs::create_symlink(target, directory / "next");
            fs::rename(directory / "next", state);
        };
        const auto content = [&](const std::string& serial) {
            return read_file(directory / "good/printers" / (serial + ".json"));
        };
        fs::create_directories(directory / "good/printers");
        test_support::write_file(directory / "bad", "no folder");
        point_to("good");
        Heard complaints;
        Heard relief;
        StateFiles files{state, complaints.taker(), relief.taker(), 50ms};
        SUBCASE("because it is too large") {
            files.save("BIG", std::string(2UL * 1024 * 1024, 'x'));
        }
        SUBCASE("because a folder has its name") {
            fs::create_directories(directory / "good/printers/BIG.json/folder");
            files.save("BIG", R"({"id":"big"})");
        }
        REQUIRE(eventually(test_timeout, [&] { return complaints.texts().size() == 1; }));
        CHECK(complaints.texts().front().find("BIG.json") != std::string::npos);
        files.save("A", R"({"id":"a"})");
        REQUIRE(eventually(test_timeout, [&] { return content("A") == R"({"id":"a"})"; }));
        CHECK_FALSE(
            eventually(300ms, [&] { return complaints.texts().size() > 1; })); // however often retried

        point_to("bad");
        files.save("A", R"({"id":"b"})");
        REQUIRE(eventually(test_timeout, [&] { return complaints.texts().size() == 2; }));
        fs::remove_all(directory / "good/printers/BIG.json");
        point_to("good");
        REQUIRE(eventually(test_timeout, [&] { return relief.texts().size() == 1; }));
        CHECK(content("A") == R"({"id":"b"})");
        files.save("BIG", R"({"id":"small"})");
        CHECK(eventually(test_timeout, [&] { return content("BIG") == R"({"id":"small"})"; }));
        CHECK(complaints.texts().size() == 2);
    }

    TEST_CASE("only the newest of several pending writes is written, and none of a removed printer") {
        Unwritable disk;
        StateFiles files{disk.directory.path(), disk.complaints.taker(), disk.relief.taker(), 100ms};
        files.save("A", R"({"n":1})");
        files.save("B", R"({"n":1})");
        REQUIRE(eventually(test_timeout, [&] { return disk.complaints.texts().size() == 1; }));
        files.save("A", R"({"n":2})");
        files.forget("B");
        disk.mend();
        REQUIRE(eventually(test_timeout, [&] { return disk.content("A") == R"({"n":2})"; }));
        CHECK_FALSE(eventually(
            400ms, [&] { return !disk.content("B").empty() || disk.content("A") != R"({"n":2})"; }));
    }

    TEST_CASE("at shutdown all pending writes are tried once more, without waiting") {
        Unwritable disk;
        auto files = std::make_unique<StateFiles>(disk.directory.path(), disk.complaints.taker(),
                                                  disk.relief.taker(), 1h);
        files->save("A", R"({"n":1})");
        REQUIRE(eventually(test_timeout, [&] { return disk.complaints.texts().size() == 1; }));
        SUBCASE("written when the disk works again") {
            disk.mend();
            files.reset();
            CHECK(disk.content("A") == R"({"n":1})");
        }
        SUBCASE("and shutdown comes while it does not") {
            files.reset();
            CHECK(disk.complaints.texts().size() == 1);
        }
    }

    TEST_CASE("a file that is nested too deeply is set aside like other damaged ones") {
        const test_support::TemporaryDirectory directory;
        fs::create_directories(directory / "printers");
        constexpr std::size_t levels = 200'000;
        test_support::write_file(directory / "printers/A.json", R"({"id":"a","facts":)" +
                                                                    std::string(levels, '[') +
                                                                    std::string(levels, ']') + "}");
        Heard complaints;
        const StateFiles files{directory.path(), complaints.taker(), {}, 1h};
        CHECK(files.load("A").is_null());
        REQUIRE(complaints.texts().size() == 1);
        CHECK(complaints.texts().front().find("nested too deeply") != std::string::npos);
        CHECK_FALSE(fs::exists(directory / "printers/A.json"));
        CHECK(files.remembered().empty());
        CHECK(complaints.texts().size() == 1);
    }

    TEST_CASE("of many former ids in a file the 16 newest are read, each once") {
        const test_support::TemporaryDirectory directory;
        fs::create_directories(directory / "printers");
        Json former{"p0", "p0", "p1"};
        for (int i = 2; i < 50'000; ++i) {
            former.push_back("p" + std::to_string(i));
        }
        test_support::write_file(directory / "printers/A.json",
                                 Json{{"id", "now"}, {"former_ids", former}}.dump());
        Heard complaints;
        const StateFiles files{directory.path(), complaints.taker(), {}, 1h};
        const auto remembered = files.remembered();
        REQUIRE(remembered.size() == 17);
        CHECK(remembered[0].id == "now");
        CHECK(remembered[1].id == "p0");
        CHECK(remembered[2].id == "p1");
        CHECK(remembered[16].id == "p15");
        CHECK(complaints.texts().empty());
    }

    TEST_CASE("a file that cannot be read is logged once, however often it is asked for") {
        const test_support::TemporaryDirectory directory;
        fs::create_directories(directory / "printers");
        test_support::write_file(directory / "printers/A.json", std::string(2UL * 1024 * 1024, ' '));
        Heard complaints;
        const StateFiles files{directory.path(), complaints.taker(), {}, 1h};
        CHECK(files.remembered().empty());
        CHECK(files.load("A").is_null());
        REQUIRE(complaints.texts().size() == 1);
        CHECK(complaints.texts().front().find("larger than 1048576 bytes") != std::string::npos);
    }
}

} // namespace bambu2mqtt::app_test
