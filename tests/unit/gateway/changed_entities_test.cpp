#include "gateway/changed_entities.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace bambu2mqtt {

namespace {

std::vector<std::size_t> indices_of(const ChangedEntities& changed) {
    std::vector<std::size_t> result;
    changed.for_each([&](std::size_t index) { result.push_back(index); });
    return result;
}

} // namespace

TEST_CASE("an entity that several updates changed is named once, in order") {
    ChangedEntities changed;
    CHECK_FALSE(changed.updated());
    changed.add(Update{.changed = {7, 2}});
    changed.add(Update{.changed = {2, 300}});
    CHECK(changed.updated());
    CHECK_FALSE(changed.all());
    CHECK(indices_of(changed) == std::vector<std::size_t>{2, 7, 300});
    changed.clear();
    CHECK(indices_of(changed).empty());
    CHECK_FALSE(changed.updated());
    changed.add(Update{.changed = {5}});
    CHECK(indices_of(changed) == std::vector<std::size_t>{5});
}

TEST_CASE("every entity has changed when the layout did, or when asked for") {
    ChangedEntities changed;
    changed.add(Update{});
    CHECK(changed.updated());
    CHECK_FALSE(changed.all());
    changed.add(Update{.layout_changed = true, .changed = {0, 1}});
    CHECK(changed.all());
    CHECK(changed.layout_changed());
    changed.clear();
    changed.add_all();
    CHECK(changed.all());
    CHECK_FALSE(changed.layout_changed());
    changed.clear();
    CHECK_FALSE(changed.all());
}

} // namespace bambu2mqtt
