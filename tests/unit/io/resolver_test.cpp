#include "io/thread/resolver.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using test_support::test_timeout;

/// Waits for one answer.
class Waiter {
  public:
    [[nodiscard]] Resolver::Callback callback() {
        return [this](expected<Addresses, Error> result) {
            const std::lock_guard lock(mutex_);
            ++answers_;
            result_ = std::move(result);
            answered_.notify_all();
        };
    }

    [[nodiscard]] std::optional<expected<Addresses, Error>> wait() {
        std::unique_lock lock(mutex_);
        answered_.wait_for(lock, test_timeout, [this] { return result_.has_value(); });
        return result_;
    }

    [[nodiscard]] int callbacks() {
        const std::lock_guard lock(mutex_);
        return answers_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable answered_;
    std::optional<expected<Addresses, Error>> result_;
    int answers_ = 0;
};

/// A gate that blocks look-ups. Shared: a look-up may outlive its resolver.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }

    void pass() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        opened_.wait(lock, [this] { return open_; });
        --waiting_;
    }

    [[nodiscard]] int waiting() {
        const std::lock_guard lock(mutex_);
        return waiting_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
    int waiting_ = 0;
};

[[nodiscard]] Resolver::ResolveFunction slow_names(const std::shared_ptr<Gate>& gate) {
    return [gate](const std::string& host) -> expected<Addresses, Error> {
        if (host.starts_with("slow")) {
            gate->pass();
        }
        return Addresses{"10.0.0.1"};
    };
}

} // namespace

TEST_CASE("numeric addresses are recognised and written in their usual form") {
    CHECK(numeric_address("192.168.1.50") == "192.168.1.50");
    CHECK(numeric_address("::1") == "::1");
    CHECK(numeric_address("[fd00:0:0::5]") == "fd00::5");
    CHECK(numeric_address("localhost").empty());
    CHECK(numeric_address("printer.lan").empty());
    CHECK(numeric_address("").empty());
    CHECK(numeric_address("[]").empty());
}

TEST_CASE("a numeric address is resolved immediately, on the caller's thread") {
    Resolver resolver(
        [](const std::string&) -> expected<Addresses, Error> { return failure(Problem::refused, "asked"); });
    std::optional<Addresses> answered;
    std::thread::id thread;
    resolver.resolve("[::1]", [&](const expected<Addresses, Error>& result) {
        thread = std::this_thread::get_id();
        answered = *result;
    });
    CHECK(answered == Addresses{"::1"});
    CHECK(thread == std::this_thread::get_id());
}

TEST_CASE("the system's resolver returns IPv4 first and no address twice") {
    const auto addresses = resolve_host("localhost");
    REQUIRE(addresses);
    CHECK(addresses->front() == "127.0.0.1");
    CHECK(std::count(addresses->begin(), addresses->end(), "127.0.0.1") == 1);
}

TEST_CASE("a name that does not resolve is an error that names it") {
    Resolver resolver;
    Waiter waiter;
    resolver.resolve("no-such-host.invalid", waiter.callback());
    const auto result = waiter.wait();
    REQUIRE(result.has_value());
    REQUIRE_FALSE(result->has_value());
    CHECK(result->error().problem == Problem::unavailable);
    CHECK(result->error().detail.find("'no-such-host.invalid' does not resolve") != std::string::npos);
}

TEST_CASE("slow names delay no other, and at most eight are resolved at a time") {
    const auto gate = std::make_shared<Gate>();
    Resolver resolver(slow_names(gate));
    Waiter slow;
    for (int i = 0; i < 7; ++i) {
        resolver.resolve("slow" + std::to_string(i), slow.callback());
    }
    CHECK(eventually(test_timeout, [&] { return gate->waiting() == 7; }));
    Waiter quick;
    resolver.resolve("quick", quick.callback());
    CHECK(quick.wait().has_value());
    resolver.resolve("slow7", slow.callback());
    resolver.resolve("slow8", slow.callback());
    CHECK(eventually(test_timeout, [&] { return gate->waiting() == 8; }));
    CHECK(slow.callbacks() == 0);
    gate->open();
    CHECK(eventually(test_timeout, [&] { return slow.callbacks() == 9; }));
}

TEST_CASE("repeated requests for a slow name use one thread, and all of them are answered") {
    const auto gate = std::make_shared<Gate>();
    Resolver resolver(slow_names(gate));
    Waiter slow;
    for (int i = 0; i < 20; ++i) {
        resolver.resolve("slow", slow.callback());
    }
    Waiter quick;
    resolver.resolve("quick", quick.callback());
    CHECK(quick.wait().has_value());
    CHECK(gate->waiting() == 1);
    gate->open();
    CHECK(eventually(test_timeout, [&] { return slow.callbacks() == 20; }));
}

TEST_CASE("destroying a resolver waits for no look-up, and no callback is called afterwards") {
    const auto gate = std::make_shared<Gate>();
    const auto callbacks = std::make_shared<std::atomic<int>>(0);
    {
        Resolver resolver(slow_names(gate));
        resolver.resolve("slow", [callbacks](const expected<Addresses, Error>&) { ++*callbacks; });
        REQUIRE(eventually(test_timeout, [&] { return gate->waiting() == 1; }));
    }
    gate->open();
    CHECK(eventually(test_timeout, [&] { return gate->waiting() == 0; }));
    CHECK(eventually(test_timeout, [&] {
        return callbacks.use_count() == 1;
    })); // the look-up's thread has released the answer
    CHECK(*callbacks == 0);
}

TEST_CASE("a look-up that throws gives unavailable, and the next name is resolved") {
    Resolver resolver([](const std::string& host) -> expected<Addresses, Error> {
        if (host == "bad") {
            throw std::runtime_error("no memory");
        }
        return Addresses{"10.0.0.1"};
    });
    Waiter bad;
    resolver.resolve("bad", bad.callback());
    const auto result = bad.wait();
    REQUIRE(result.has_value());
    REQUIRE_FALSE(result->has_value());
    CHECK(result->error().problem == Problem::unavailable);
    CHECK(result->error().detail == "host name 'bad' was not looked up: internal error: no memory");
    resolver.resolve("throws",
                     [](const expected<Addresses, Error>&) { throw std::runtime_error("in the callback"); });
    Waiter good;
    resolver.resolve("good", good.callback());
    const auto found = good.wait();
    REQUIRE(found.has_value());
    CHECK(found->has_value());
}

} // namespace bambu2mqtt
