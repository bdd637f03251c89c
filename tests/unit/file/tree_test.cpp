// The tree of a printer's files: order, both views, limits and reported gaps.
#include <bambu2mqtt/file/tree.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <limits>
#include <map>

namespace bambu2mqtt {

namespace {

using namespace std::chrono;

using Storage = std::map<std::string, std::vector<FileRow>>;

[[nodiscard]] FileRow file(std::string name, std::uint64_t size = 1) {
    return {.kind = FileKind::file,
            .name = std::move(name),
            .size = size,
            .time = local_days(2026y / January / 31) + hours(18)};
}

[[nodiscard]] FileRow folder(std::string name) {
    return {.kind = FileKind::folder, .name = std::move(name), .size = 4096};
}

/// Lists everything the tree requests; a folder that is not in the storage cannot be read.
[[nodiscard]] FileTree grown(const Storage& storage, std::string root = "/", TreeLimits limits = {}) {
    FileTree tree(std::move(root), limits);
    while (const auto path = tree.next()) {
        const auto found = storage.find(*path);
        if (found == storage.end()) {
            tree.cannot_read();
        } else {
            tree.take({.rows = found->second});
        }
    }
    return tree;
}

[[nodiscard]] std::vector<std::string> ids(const OrderedJson& tree) {
    std::vector<std::string> result{tree["id"].get<std::string>()};
    for (const auto& child : tree.value("children", OrderedJson::array())) {
        for (auto& id : ids(child)) {
            result.push_back(std::move(id));
        }
    }
    return result;
}

} // namespace

TEST_CASE("a tree has folders first, then files, by name in any case") {
    const Storage storage{
        {"/", {file("b.3mf"), file("A.3mf"), folder("timelapse"), folder("Cache"), file("a.3mf")}},
        {"/Cache", {file("z"), file("Y")}},
        {"/timelapse", {}}};
    CHECK(ids(grown(storage).to_json(TreeView::everything)) ==
          std::vector<std::string>{"/", "/Cache/", "/Cache/Y", "/Cache/z", "/timelapse/", "/A.3mf", "/a.3mf",
                                   "/b.3mf"});
}

TEST_CASE("every node has id, name, path, size and time; a folder's size is the sum of its entries") {
    const Storage storage{{"/", {folder("cache"), file("x.3mf", 10)}},
                          {"/cache", {file("y.3mf", 200), file("z.txt", 3000)}}};
    CHECK(grown(storage).to_json(TreeView::everything) == OrderedJson::parse(R"({
        "id": "/", "name": "/", "path": "/", "size": 3210, "time": null, "children": [
            {"id": "/cache/", "name": "cache", "path": "/cache", "size": 3200, "time": null, "children": [
                {"id": "/cache/y.3mf", "name": "y.3mf", "path": "/cache/y.3mf", "size": 200,
                 "time": "2026-01-31T18:00:00"},
                {"id": "/cache/z.txt", "name": "z.txt", "path": "/cache/z.txt", "size": 3000,
                 "time": "2026-01-31T18:00:00"}]},
            {"id": "/x.3mf", "name": "x.3mf", "path": "/x.3mf", "size": 10, "time": "2026-01-31T18:00:00"}]})"));
    CHECK(grown(storage).to_json(TreeView::only_3mf)["size"] == 210);
}

TEST_CASE("a tree can start below the root") {
    const Storage storage{{"/cache/a", {file("x")}}};
    const auto tree = grown(storage, "/cache/a").to_json(TreeView::everything);
    CHECK(tree["id"] == "/cache/a/");
    CHECK(tree["name"] == "a");
    CHECK(tree["children"][0]["path"] == "/cache/a/x");
}

TEST_CASE("the .3mf view has such files in any case, and only folders that contain one") {
    const Storage storage{
        {"/", {folder("a"), folder("b"), folder("c.3mf"), file("X.3MF"), file("x.3mf.md5"), file(".3mf")}},
        {"/a", {folder("deep"), file("x.gcode")}},
        {"/a/deep", {file("y.gcode.3mf")}},
        {"/b", {file("x.txt"), folder("empty")}},
        {"/b/empty", {}},
        {"/c.3mf", {}}};
    CHECK(ids(grown(storage).to_json(TreeView::only_3mf)) ==
          std::vector<std::string>{"/", "/a/", "/a/deep/", "/a/deep/y.gcode.3mf", "/.3mf", "/X.3MF"});
}

TEST_CASE("symbolic links are listed as files and not followed") {
    const Storage storage{{"/", {{.kind = FileKind::link, .name = "usb"}}}};
    const auto tree = grown(storage).to_json(TreeView::everything);
    CHECK(ids(tree) == std::vector<std::string>{"/", "/usb"});
    CHECK_FALSE(tree.contains("unreadable"));
}

TEST_CASE("a folder that cannot be listed is named, not shown as empty") {
    const Storage storage{{"/", {folder("locked"), folder("open")}}, {"/open", {}}};
    const auto tree = grown(storage).to_json(TreeView::everything);
    CHECK(tree["unreadable"] == OrderedJson{"/locked"});
    CHECK_FALSE(tree.contains("truncated"));
    CHECK(grown({{"/", {folder("locked")}}}).to_json(TreeView::only_3mf)["unreadable"] ==
          OrderedJson{"/locked"});
}

TEST_CASE("truncated listings and unreadable rows are reported") {
    FileTree tree("/");
    tree.take({.rows = {file("x"), file("x")}, .dropped = 2, .cut = true});
    const auto json = tree.to_json(TreeView::everything);
    CHECK(json["incomplete"] == OrderedJson{"/"});
    CHECK(json["dropped"] == 3);
    CHECK(json["children"].size() == 1);
    CHECK_FALSE(grown({{"/", {}}}).to_json(TreeView::everything).contains("dropped"));
}

TEST_CASE("depth is limited, and the tree reports it") {
    Storage storage;
    std::string path;
    for (int i = 0; i < 10; ++i) {
        storage[path.empty() ? "/" : path] = {folder("d")};
        path += "/d";
    }
    storage[path] = {};
    const auto cut = grown(storage, "/", {.depth = 3}).to_json(TreeView::everything);
    CHECK(ids(cut) == std::vector<std::string>{"/", "/d/", "/d/d/", "/d/d/d/", "/d/d/d/d/"});
    CHECK(cut["truncated"] == true);
    const auto whole = grown(storage, "/", {.depth = 10}).to_json(TreeView::everything);
    CHECK(ids(whole).size() == 11);
    CHECK_FALSE(whole.contains("truncated"));
}

TEST_CASE("the number of entries is limited; entries near the root come first") {
    Storage storage{{"/", {folder("a"), folder("b"), file("x")}}};
    storage["/a"] = {file("1"), file("2"), file("3")};
    storage["/b"] = {file("4")};
    const auto cut = grown(storage, "/", {.entries = 5}).to_json(TreeView::everything);
    CHECK(ids(cut) == std::vector<std::string>{"/", "/a/", "/a/1", "/a/2", "/b/", "/x"});
    CHECK(cut["truncated"] == true);
    CHECK_FALSE(grown(storage, "/", {.entries = 7}).to_json(TreeView::everything).contains("truncated"));
}

TEST_CASE("the text of a tree is limited, whatever the length of its names") {
    std::vector<FileRow> rows;
    for (int i = 0; i < 19'000; ++i) {
        auto name = std::to_string(i);
        name.resize(255, 'n');
        rows.push_back(file(std::move(name)));
    }
    const auto cut = grown({{"/", rows}}).to_json(TreeView::everything);
    CHECK(cut["truncated"] == true);
    const auto size = cut.dump().size();
    CHECK(size > 1'500'000);
    CHECK(size < 2'200'000);
}

TEST_CASE("the size of a folder does not wrap") {
    const auto most = std::numeric_limits<std::uint64_t>::max();
    const Storage storage{{"/", {file("a", most), file("b", most)}}};
    CHECK(grown(storage).to_json(TreeView::everything)["size"] == most);
}

TEST_CASE("cancelling returns a tree marked as incomplete") {
    FileTree tree("/");
    tree.take({.rows = {folder("a"), file("x")}});
    CHECK(tree.next() == "/a");
    CHECK(tree.to_json(TreeView::everything)["truncated"] == true);
    tree.give_up();
    CHECK(tree.next() == std::nullopt);
    CHECK(tree.to_json(TreeView::everything)["truncated"] == true);
    FileTree whole("/");
    whole.take({});
    whole.give_up();
    CHECK_FALSE(whole.to_json(TreeView::everything).contains("truncated"));
}

TEST_CASE("a path too long for a command is listed but not entered") {
    Storage storage{{"/", {folder(std::string(255, 'a'))}}};
    storage["/" + std::string(255, 'a')] = {folder(std::string(255, 'b')), folder(std::string(200, 'c'))};
    storage["/" + std::string(255, 'a') + "/" + std::string(255, 'b')] = {folder("x")};
    storage["/" + std::string(255, 'a') + "/" + std::string(200, 'c')] = {};
    const auto tree = grown(storage).to_json(TreeView::everything);
    CHECK(ids(tree).size() == 5);
    CHECK(tree["truncated"] == true);
    CHECK_FALSE(tree.contains("unreadable"));
}

} // namespace bambu2mqtt
