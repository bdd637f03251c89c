// The one local folder: what is opened in it, what is written into it, and paths that cannot leave it.
#include "support/files.hpp"
#include <bambu2mqtt/io/disk/local_files.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <array>
#include <string>
#include <vector>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;
using test_support::read_file;
using test_support::TemporaryDirectory;
using test_support::write_file;

struct FolderFixture {
    explicit FolderFixture(PathWalk walk) : folder(directory / "local", walk) {
        fs::create_directories(inside / "sub");
        write_file(inside / "x", "content");
        write_file(inside / "sub/y", "more");
        write_file(directory / "secret", "secret");
        fs::create_directories(directory / "elsewhere");
    }

    [[nodiscard]] std::string opened(std::string_view path) const {
        const auto file = folder.open(path);
        if (!file) {
            return problem_of(file.error());
        }
        std::string content(static_cast<std::size_t>(file->size()), '\0');
        return file->read_all(0, content) ? content : "cannot be read";
    }

    [[nodiscard]] std::string created(std::string_view path) const {
        auto file = folder.create(path, "tag");
        if (!file) {
            return problem_of(file.error());
        }
        if (!file->append("new ") || !file->append("text")) {
            return "cannot be written";
        }
        const auto kept = file->keep();
        return kept ? read_file(inside / *kept) : problem_of(kept.error());
    }

    [[nodiscard]] static std::string problem_of(const Error& error) {
        switch (error.problem) {
        case Problem::refused:
            return "leads out";
        case Problem::unknown:
            return "missing";
        case Problem::malformed:
            return "malformed";
        default:
            return "unavailable: " + error.detail;
        }
    }

    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(fs::recursive_directory_iterator(inside), fs::recursive_directory_iterator()));
    }

    TemporaryDirectory directory;
    fs::path inside = directory / "local";
    LocalFolder folder;
};

constexpr std::array walks{PathWalk::by_kernel, PathWalk::by_hand};

} // namespace

TEST_CASE("no message and no result contains the folder's path on disk") {
    const TemporaryDirectory directory;
    write_file(directory / "file", "in the way");
    const LocalFolder broken((directory / "file").string());
    const auto opened = broken.open("x");
    const auto created = broken.create("sub/x", "tag");
    const auto scratch = broken.scratch();
    for (const auto* const error : {&opened.error(), &created.error(), &scratch.error()}) {
        INFO(error->detail);
        CHECK(error->detail.find(directory.path().string()) == std::string::npos);
        CHECK(error->detail.find("files.directory") != std::string::npos);
    }
    const LocalFolder folder(directory.path());
    auto file = folder.create((directory / "sub/x").string(), "tag");
    REQUIRE(file.has_value());
    CHECK(file->keep().value() == "sub/x");
}

TEST_CASE("files inside are opened, by relative or absolute path") {
    for (const auto walk : walks) {
        const FolderFixture fixture(walk);
        CHECK(fixture.opened("x") == "content");
        CHECK(fixture.opened("./sub//y") == "more");
        CHECK(fixture.opened((fixture.inside / "sub/y").string()) == "more");
        CHECK(fixture.opened("missing") == "missing");
        CHECK(fixture.opened("x/y") == "missing");
        CHECK(LocalFolder(fixture.inside.string() + "/", walk)
                  .open((fixture.inside / "x").string())
                  .has_value());
    }
}

TEST_CASE("paths that lead out are refused: dots, symbolic links and absolute paths") {
    for (const auto walk : walks) {
        const FolderFixture fixture(walk);
        fs::create_symlink(fixture.directory / "secret", fixture.inside / "link");
        fs::create_symlink("../secret", fixture.inside / "relative link");
        fs::create_directory_symlink(fixture.directory.path(), fixture.inside / "folder link");
        for (const std::string& path : std::vector<std::string>{
                 "../secret", "sub/../../secret", "sub/..", "..", (fixture.directory / "secret").string(),
                 "/etc/passwd", "/", fixture.inside.string() + "/../secret", fixture.inside.string() + "x",
                 "link", "relative link"}) {
            INFO(path);
            CHECK(fixture.opened(path) == "leads out");
        }
        CHECK(fixture.opened("folder link/secret") != "secret");
        CHECK(fixture.created("folder link/new") != "new text");
        CHECK_FALSE(fs::exists(fixture.directory / "new"));
        CHECK(fixture.created("../new") == "leads out");
        CHECK(fixture.created((fixture.directory / "new").string()) == "leads out");
    }
}

TEST_CASE("symbolic links that stay inside are followed where the kernel can check them") {
    const FolderFixture kernel(PathWalk::by_kernel);
    fs::create_symlink("sub/y", kernel.inside / "link");
    CHECK(kernel.opened("link") == "more");
    const FolderFixture hand(PathWalk::by_hand);
    fs::create_symlink("sub/y", hand.inside / "link");
    CHECK(hand.opened("link") == "leads out");
}

TEST_CASE("folders, FIFOs and invalid paths are not files") {
    for (const auto walk : walks) {
        const FolderFixture fixture(walk);
        REQUIRE(mkfifo((fixture.inside / "fifo").c_str(), 0600) == 0);
        for (const std::string& path :
             std::vector<std::string>{"", ".", "sub", "sub/", "fifo", "a\nb", std::string("x\0y", 3),
                                      std::string(2000, 'x'), fixture.inside.string()}) {
            INFO(path);
            CHECK(fixture.opened(path) == "malformed");
            CHECK(fixture.created(path) == "malformed");
        }
    }
}

TEST_CASE(
    "a new file gets its name when it is committed; folders are created, an existing file is replaced") {
    for (const auto walk : walks) {
        const FolderFixture fixture(walk);
        CHECK(fixture.created("a/b c/ö") == "new text");
        CHECK(fixture.created("x") == "new text");
        CHECK(read_file(fixture.inside / "x") == "new text");
        const auto before = fixture.entries();
        {
            auto dropped = fixture.folder.create("x", "tag");
            REQUIRE(dropped.has_value());
            CHECK(dropped->append("half").has_value());
            CHECK(fixture.entries() == before + 1);
        }
        CHECK(fixture.entries() == before);
        CHECK(read_file(fixture.inside / "x") == "new text");
        CHECK(fixture.created("x/y") == "malformed");
    }
}

TEST_CASE("a leftover temporary file with the same tag is replaced") {
    const FolderFixture fixture(PathWalk::by_kernel);
    write_file(fixture.inside / ".bambu2mqtt-tag.part", "left by a crash");
    CHECK(fixture.created("new") == "new text");
    CHECK_FALSE(fs::exists(fixture.inside / ".bambu2mqtt-tag.part"));
}

TEST_CASE("a symbolic link in place of a new file is replaced, not followed") {
    const FolderFixture fixture(PathWalk::by_kernel);
    fs::create_symlink(fixture.directory / "secret", fixture.inside / "link");
    CHECK(fixture.created("link") == "new text");
    CHECK(read_file(fixture.directory / "secret") == "secret");
    CHECK_FALSE(fs::is_symlink(fixture.inside / "link"));
}

TEST_CASE("the folder itself is created for writing, and missing for reading") {
    const TemporaryDirectory directory;
    const LocalFolder folder(directory / "new/folder");
    CHECK(folder.open("x").error().problem == Problem::unknown);
    CHECK_FALSE(fs::exists(directory / "new"));
    CHECK(folder.create("x", "tag").has_value());
    CHECK(fs::is_directory(directory / "new/folder"));
    write_file(directory / "file", "in the way");
    CHECK(LocalFolder(directory / "file/folder").create("x", "tag").error().problem == Problem::unavailable);
}

TEST_CASE("a temporary file has no name and keeps what is written to it") {
    const FolderFixture fixture(PathWalk::by_kernel);
    const auto before = fixture.entries();
    auto file = fixture.folder.scratch();
    REQUIRE(file.has_value());
    CHECK(file->append("12345").has_value());
    CHECK(file->append("678").has_value());
    CHECK(file->size() == 8);
    CHECK(fixture.entries() == before);
    std::array<char, 3> middle{};
    CHECK(file->read_all(3, middle));
    CHECK(std::string(middle.data(), middle.size()) == "456");
    CHECK_FALSE(file->read_all(6, middle));
    CHECK(file->read(8, middle) == 0);
}

TEST_CASE("an invalid path is reported without accessing the disk") {
    const LocalFolder folder("/nowhere/at/all");
    CHECK(folder.check("x").has_value());
    CHECK(folder.check("/nowhere/at/all/x").has_value());
    CHECK(folder.check("../x").error().problem == Problem::refused);
    CHECK(folder.check("/nowhere/x").error().problem == Problem::refused);
    CHECK(folder.check("").error().problem == Problem::malformed);
}

} // namespace bambu2mqtt
