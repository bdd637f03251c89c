// Answers to LIST from printers' servers, and malformed ones.
#include <bambu2mqtt/file/listing.hpp>

#include <doctest/doctest.h>

#include <array>
#include <random>

namespace bambu2mqtt {

namespace {

using namespace std::chrono;

constexpr WallTime now = sys_days(2026y / November / 20) + hours(12);

[[nodiscard]] Listing parse(std::string_view text) {
    return parse_listing(text, now);
}

/// The only row of a text.
[[nodiscard]] FileRow row_of(std::string text) {
    const auto listing = parse(text += "\r\n");
    REQUIRE(listing.rows.size() == 1);
    CHECK(listing.dropped == 0);
    return listing.rows.front();
}

[[nodiscard]] std::string name_of(const std::string& text) {
    return row_of(text).name;
}

[[nodiscard]] bool dropped(const std::string& text) {
    const auto listing = parse(text + "\r\n");
    return listing.rows.empty() && listing.dropped == 1;
}

} // namespace

TEST_CASE("listing rows of a printer's vsftpd") {
    const auto listing =
        parse("drwxr-xr-x    2 0        0            4096 Nov 19 18:00 cache\r\n"
              "-rw-r--r--    1 0        0         1034567 Nov 20 09:05 Benchy (PLA).gcode.3mf\r\n"
              "-rw-r--r--    1 1000     1000            0 Mar 03  2025 empty.3mf\r\n"
              "drwxr-xr-x    2 0        0            4096 Jan 01  1980 timelapse\r\n");
    REQUIRE(listing.rows.size() == 4);
    CHECK(listing.dropped == 0);
    CHECK_FALSE(listing.cut);
    CHECK(listing.rows[0].kind == FileKind::folder);
    CHECK(listing.rows[0].name == "cache");
    CHECK(listing.rows[1].kind == FileKind::file);
    CHECK(listing.rows[1].name == "Benchy (PLA).gcode.3mf");
    CHECK(listing.rows[1].size == 1034567);
    CHECK(listing.rows[1].time == local_days(2026y / November / 20) + hours(9) + minutes(5));
    CHECK(listing.rows[2].size == 0);
    CHECK(listing.rows[2].time == local_days(2025y / March / 3));
    CHECK(listing.rows[3].time == local_days(1980y / January / 1));
}

TEST_CASE(
    "listing rows of smaller servers: padded days, no group, no owner, a dot or plus after the permissions") {
    CHECK(name_of("-rwxrwxrwx 1 root root 12 Jan  1 00:00 a b.3mf") == "a b.3mf");
    CHECK(name_of("-rwxrwxrwx 1 root 12 Jan  1 00:00 a.3mf") == "a.3mf");
    CHECK(name_of("-rwxrwxrwx 12 Jan  1 00:00 a.3mf") == "a.3mf");
    CHECK(name_of("-rw-r--r--+ 1 user some-group 12 jan 1 00:00:30 a.3mf") == "a.3mf");
    CHECK(name_of("-rw-r--r--. 1 u g 12 2025-01-31 18:00 a.3mf") == "a.3mf");
    CHECK(row_of("-rw-r--r-- 1 u g 12 2025-01-31 18:00 a").time ==
          local_days(2025y / January / 31) + hours(18));
    CHECK(row_of("-rw-r--r--\t1\tu\tg\t12\tJan\t1\t2020 a").size == 12);
    CHECK(name_of("-rw-r--r-- 1 u g 5000000000 Jan 1 2020 big") == "big");
    CHECK(row_of("-rw-r--r-- 1 u g 5000000000 Jan 1 2020 big").size == 5000000000U);
}

TEST_CASE("sticky and setuid bits are accepted as permissions") {
    CHECK(row_of("drwxrwxrwt 2 0 0 4096 Nov 19 18:00 tmp").kind == FileKind::folder);
    CHECK(row_of("-rwsr-Sr-x 2 0 0 4096 Nov 19 18:00 run").kind == FileKind::file);
}

TEST_CASE("a name is the rest of the row, whatever it contains") {
    CHECK(name_of("-rw-r--r-- 1 0 0 1 Nov 19 18:00  begins with a space") == " begins with a space");
    CHECK(name_of("-rw-r--r-- 1 0 0 1 Nov 19 18:00 ends with one ") == "ends with one ");
    CHECK(name_of("-rw-r--r-- 1 0 0 1 Nov 19 18:00 two  in   it") == "two  in   it");
    CHECK(name_of("-rw-r--r-- 1 0 0 1 Nov 19 18:00 Größe & #1 100% \"x\".3mf") ==
          "Größe & #1 100% \"x\".3mf");
    CHECK(name_of("-rw-r--r-- 1 0 0 1 Nov 19 18:00 12 Jan  1 00:00 a") == "12 Jan  1 00:00 a");
    CHECK(name_of("-rw-r--r-- 1 0 0 1 Nov 19 18:00 a -> b") == "a -> b");
    CHECK(name_of("-rw-r--r-- 1 0 0 1 Nov 19 18:00 模型 🖨.3mf") == "模型 🖨.3mf");
}

TEST_CASE("the name of a symbolic link ends before the arrow") {
    const auto row = row_of("lrwxrwxrwx 1 0 0 11 Nov 19 18:00 latest one -> /mnt/x -> y");
    CHECK(row.kind == FileKind::link);
    CHECK(row.name == "latest one");
}

TEST_CASE("an owner named like a month is not read as the date") {
    const auto row = row_of("-rw-r--r-- 1 jan may 77 Nov 19 18:00 x");
    CHECK(row.name == "x");
    CHECK(row.size == 77);
    CHECK(row.time == local_days(2026y / November / 19) + hours(18));
}

TEST_CASE("a date without a year is the latest such day; one day ahead is another time zone") {
    const auto time_of = [](const std::string& date) {
        return row_of("-rw-r--r-- 1 0 0 1 " + date + " x").time;
    };
    CHECK(time_of("Nov 20 11:59") == local_days(2026y / November / 20) + hours(11) + minutes(59));
    CHECK(time_of("Nov 21 11:59") == local_days(2026y / November / 21) + hours(11) + minutes(59));
    CHECK(time_of("Nov 22 00:00") == local_days(2025y / November / 22));
    CHECK(time_of("Dec 31 23:59") == local_days(2025y / December / 31) + hours(23) + minutes(59));
    CHECK(time_of("Feb 29 10:00") == local_days(2024y / February / 29) + hours(10));
    CHECK(time_of("Feb 30 10:00") == std::nullopt);
    CHECK(time_of("Feb 30  2024") == std::nullopt);
    CHECK(time_of("Jan  1 0000") == std::nullopt);
}

TEST_CASE("the folder itself, its parent and the total are not entries") {
    const auto listing = parse("total 12\r\n"
                               "drwxr-xr-x 2 0 0 4096 Nov 19 18:00 .\r\n"
                               "drwxr-xr-x 2 0 0 4096 Nov 19 18:00 ..\r\n"
                               "\r\n"
                               "-rw-r--r-- 1 0 0 1 Nov 19 18:00 .hidden\r\n");
    REQUIRE(listing.rows.size() == 1);
    CHECK(listing.rows[0].name == ".hidden");
    CHECK(listing.dropped == 0);
}

TEST_CASE("unreadable rows are dropped and counted") {
    for (const char* const text : {"?",
                                   "total",
                                   "total x",
                                   "cache",
                                   "cache/x.3mf",
                                   "-rw-r--r--",
                                   "-rw-r--r-- 1 0 0 1 Nov 19 18:00",
                                   "-rw-r--r-- 1 0 0 1 Nov 19 18:00 ",
                                   "-rw-r--r-- 1 0 0 x Nov 19 18:00 a",
                                   "-rw-r--r-- 1 0 0 -5 Nov 19 18:00 a",
                                   "-rw-r--r-- 1 0 0 1 Nox 19 18:00 a",
                                   "-rw-r--r-- 1 0 0 1 Nov 32 18:00 a",
                                   "-rw-r--r-- 1 0 0 1 Nov 19 25:00 a",
                                   "-rw-r--r-- 1 0 0 1 Nov 19 18:61 a",
                                   "crw-rw-rw- 1 0 0 1, 3 Nov 19 18:00 null",
                                   "01-31-26  06:00PM  <DIR>  cache",
                                   "-rw-r--r-- 1 0 0 1 Nov 19 18:00 a/b",
                                   "-rw-r--r-- 1 0 0 1 Nov 19 18:00 a\rb",
                                   "-rw-r--r-- 1 0 0 1 Nov 19 18:00 \xC3\x28",
                                   "-rw-r--r-- 1 0 0 99999999999999999999 Nov 19 18:00 a",
                                   "rw-r--r-- 1 0 0 1 Nov 19 18:00 a"}) {
        INFO(text);
        CHECK(dropped(text));
    }
}

TEST_CASE("LF alone ends a row; a last row without a line end marks a truncated listing") {
    const auto whole = parse("-rw-r--r-- 1 0 0 1 Nov 19 18:00 a\n-rw-r--r-- 1 0 0 1 Nov 19 18:00 b\n");
    CHECK(whole.rows.size() == 2);
    CHECK_FALSE(whole.cut);
    const auto cut = parse("-rw-r--r-- 1 0 0 1 Nov 19 18:00 a\r\n-rw-r--r-- 1 0 0 1 Nov 19 18:00 bench");
    CHECK(cut.rows.size() == 1);
    CHECK(cut.cut);
    CHECK(cut.dropped == 0);
    CHECK(parse("").rows.empty());
    CHECK_FALSE(parse("").cut);
}

TEST_CASE("every generated row is read correctly") {
    std::mt19937 random{7};
    const auto any_of = [&random](const auto& choices) { return choices[random() % choices.size()]; };
    const std::array<std::string, 5> gaps{" ", "  ", "    ", "\t", " \t "};
    const std::array<std::string, 6> middles{"1 0 0 ", "1 root root ", "1 nobody ",
                                             "",       "12 a-b c_d ",  "1 1000 1000 "};
    const std::array<std::string, 4> dates{"Nov 19 18:00 ", "Jan  1  2021 ", "Feb 29 2024 ",
                                           "2024-12-31 00:00 "};
    const std::array<std::string, 6> parts{"a", " ", "ö", "->", "1", "Nov 19 18:00"};
    for (int round = 0; round < 5000; ++round) {
        std::string name = "x";
        for (auto left = random() % 6; left > 0; --left) {
            name += any_of(parts);
        }
        const auto size = random();
        const auto row = row_of("-rw-r--r--" + any_of(gaps) + any_of(middles) + std::to_string(size) +
                                any_of(gaps) + any_of(dates) + name);
        CHECK(row.name == name);
        CHECK(row.size == size);
        CHECK(row.time.has_value());
    }
}

} // namespace bambu2mqtt
