// The socket on which the gateway answers: one request a connection, and no client holds it up.
#include "support/files.hpp"
#include <bambu2mqtt/io/local/local_socket.hpp>

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <string>

using namespace bambu2mqtt;
using test_support::TemporaryDirectory;

namespace {

std::unique_ptr<LocalSocket> listen_at(const std::filesystem::path& path) {
    auto socket = LocalSocket::listen(path, [](std::string_view request) {
        return request == "large" ? std::string(500'000, 'x') : "answer to " + std::string{request};
    });
    REQUIRE(socket.has_value());
    return *std::move(socket);
}

} // namespace

TEST_CASE("a local socket answers one request after the other, also large ones") {
    const TemporaryDirectory directory;
    const auto path = directory / "gateway.sock";
    {
        const auto server = listen_at(path);
        CHECK(ask_local_socket(path, "doctor") == std::string{"answer to doctor"});
        CHECK(ask_local_socket(path, "") == std::string{"answer to "});
        CHECK(ask_local_socket(path, "large").value().size() == 500'000);

        struct stat status {};

        REQUIRE(stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U) == 0600U);
        // An overlong request is not answered, and the next one is.
        CHECK(ask_local_socket(path, std::string(5000, 'x')).value_or("").empty());
        CHECK(ask_local_socket(path, "again") == std::string{"answer to again"});
    }
    CHECK_FALSE(std::filesystem::exists(path));
    const auto gone = ask_local_socket(path, "doctor");
    REQUIRE_FALSE(gone.has_value());
    CHECK(gone.error().problem == Problem::unavailable);
}

TEST_CASE("a client that sends nothing does not keep others from an answer") {
    const TemporaryDirectory directory;
    const auto path = directory / "gateway.sock";
    const auto server = listen_at(path);
    const UniqueFd idle{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::connect(idle.get(), static_cast<const sockaddr*>(static_cast<const void*>(&address)),
                      sizeof address) == 0);
    CHECK(ask_local_socket(path, "doctor") == std::string{"answer to doctor"});
}

TEST_CASE("a socket of an earlier run is replaced, and a path that is too long is refused") {
    const TemporaryDirectory directory;
    const auto path = directory / "gateway.sock";
    test_support::write_file(path, "left by a crash");
    const auto server = listen_at(path);
    CHECK(ask_local_socket(path, "a") == std::string{"answer to a"});
    const auto refused = LocalSocket::listen(directory / std::string(120, 'x'), {});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().problem == Problem::out_of_range);
}
