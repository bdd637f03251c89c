// The owner of a file descriptor: exactly one close, at the right time.
#include <bambu2mqtt/base/unique_fd.hpp>

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <type_traits>
#include <utility>

namespace bambu2mqtt {

namespace {

[[nodiscard]] int open_null() {
    const int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    REQUIRE(descriptor >= 0);
    return descriptor;
}

[[nodiscard]] bool is_open(int descriptor) {
    return fcntl(descriptor, F_GETFD) >= 0;
}

} // namespace

static_assert(!std::is_copy_constructible_v<UniqueFd> && !std::is_copy_assignable_v<UniqueFd>);
static_assert(std::is_nothrow_move_constructible_v<UniqueFd> && std::is_nothrow_move_assignable_v<UniqueFd>);

TEST_CASE("unique_fd: closes its descriptor with itself") {
    const int number = open_null();
    {
        const UniqueFd owner(number);
        CHECK(owner.valid());
        CHECK(owner.get() == number);
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
}

TEST_CASE("unique_fd: owns nothing by default and after a failed call") {
    CHECK_FALSE(UniqueFd().valid());
    CHECK_FALSE(UniqueFd(open("/nowhere/at/all", O_RDONLY | O_CLOEXEC)).valid());
}

TEST_CASE("unique_fd: moving hands over, and closes what the target had") {
    const int first = open_null();
    const int second = open_null();
    UniqueFd source(first);
    UniqueFd target(std::move(source));
    CHECK_FALSE(source.valid()); // NOLINT(bugprone-use-after-move): what is left is part of the contract
    CHECK(target.get() == first);
    UniqueFd other(second);
    other = std::move(target);
    CHECK(other.get() == first);
    CHECK(is_open(first));
    CHECK_FALSE(is_open(second));
    auto& same = other;
    other = std::move(same);
    CHECK(other.get() == first);
    CHECK(is_open(first));
}

TEST_CASE("unique_fd: release gives away, reset closes and takes over") {
    const int first = open_null();
    const int second = open_null();
    UniqueFd owner(first);
    owner.reset(second);
    CHECK_FALSE(is_open(first));
    CHECK(owner.release() == second);
    CHECK_FALSE(owner.valid());
    CHECK(is_open(second));
    owner.reset(second);
    owner.reset();
    CHECK_FALSE(is_open(second));
}

TEST_CASE("unique_fd: closing leaves errno as it was") {
    UniqueFd owner(open_null());
    close(owner.get()); // so that its own close fails with EBADF
    errno = ENOENT;
    owner.reset();
    CHECK(errno == ENOENT);
}

} // namespace bambu2mqtt
