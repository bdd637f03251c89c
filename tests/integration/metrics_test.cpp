// Metrics over HTTP, from the running program, and what hostile clients cannot do with them.
#include "integration/gateway_fixture.hpp"
#include "simulator/gateway_config.hpp"
#include "support/http_client.hpp"
#include "support/ports.hpp"
#include "support/proc.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::free_port;
using bambu2mqtt::test_support::http_request;
using bambu2mqtt::test_support::HttpClient;
using bambu2mqtt::test_support::status_of;

namespace {

bool page_has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

ConfigChanges with_metrics(std::uint16_t port) {
    return {.more_lines = fmt::format("[metrics]\nlisten = \"127.0.0.1:{}\"\n", port)};
}

} // namespace

TEST_CASE("metrics: a scrape shows the printer, and promtool accepts it") {
    TestEnvironment env;
    const auto port = free_port();
    REQUIRE(env.start_gateway(with_metrics(port)));
    CHECK(eventually(test_timeout, [&] { return http_request(port, "/readyz").status == 200; }));
    CHECK(http_request(port, "/livez").status == 200);
    const auto reply = http_request(port, "/metrics");
    REQUIRE(reply.status == 200);
    CHECK(page_has(reply.head, "text/plain; version=0.0.4"));
    CHECK(page_has(reply.body, "bambu2mqtt_broker_connected 1\n"));
    CHECK(page_has(reply.body, "bambu2mqtt_printer_connected{id=\""));
    CHECK(page_has(reply.body, "model=\"X1C\"} 1\n"));
    CHECK(page_has(reply.body, "process_resident_memory_bytes "));
    for (const auto* part : {"127.0.0.1", "access", "serial"}) {
        CAPTURE(part);
        CHECK_FALSE(page_has(reply.body, part));
    }
    CHECK(http_request(port, "/").status == 404);
    const auto post = http_request(port, "/metrics", "POST");
    CHECK(post.status == 405);
    CHECK(page_has(post.head, "Allow: GET"));

    if (run_command({"promtool", "--version"}).exit_code != 0) {
        MESSAGE("skipped: promtool is not installed");
    } else {
        const auto checked = run_command({"promtool", "check", "metrics"}, reply.body);
        CHECK_MESSAGE(checked.exit_code == 0, checked.output, checked.errors);
    }

    env.broker().stop();
    CHECK(eventually(test_timeout, [&] { return http_request(port, "/readyz").status == 503; }));
    CHECK(http_request(port, "/livez").status == 200);
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("metrics: clients that hold connections are ended after five seconds, and delay nothing") {
    TestEnvironment env;
    const auto port = free_port();
    REQUIRE(env.start_gateway(with_metrics(port)));
    env.observe();
    const auto threads = [&] { return status_of(std::to_string(env.gateway().pid()), "Threads"); };
    const auto threads_before = threads();
    std::vector<std::unique_ptr<HttpClient>> clients;
    for (int i = 0; i < 40; ++i) {
        clients.push_back(std::make_unique<HttpClient>(port));
        clients.back()->send("GET /metrics HTTP/1.1\r\n"); // its head does not end
    }
    const auto delay = env.time_to_publish(0, 42);
    REQUIRE(delay);
    CHECK(*delay < 500ms * timeout_factor);
    CHECK(threads() == threads_before);
    // 40 clients by 16: the last ones are ended in the third round. Each sends a byte now and then.
    CHECK(eventually(test_timeout, [&] {
        for (auto& client : clients) {
            if (client && !client->send("X")) {
                client.reset();
            }
        }
        return std::ranges::all_of(clients, [](const auto& client) { return client == nullptr; });
    }));
    CHECK(http_request(port, "/metrics").status == 200);
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("metrics: requests that are too large or no HTTP are refused") {
    TestEnvironment env;
    const auto port = free_port();
    REQUIRE(env.start_gateway(with_metrics(port)));
    HttpClient large(port);
    large.send("GET /metrics HTTP/1.1\r\nHost: test\r\nX: ");
    for (int i = 0; i < 64 && large.send(std::string(1024, 'x')); ++i) {
    }
    const auto refused = large.read_all(test_timeout);
    CHECK(refused);
    CHECK_FALSE(page_has(refused.value_or(""), " 200 "));
    HttpClient nonsense(port);
    nonsense.send(std::string("\x16\x03\x01\x00\xff\r\n\r\n", 9));
    const auto answer = nonsense.read_all(test_timeout);
    CHECK(answer);
    CHECK_FALSE(page_has(answer.value_or(""), " 200 "));
    CHECK(http_request(port, "/metrics").status == 200);
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("metrics: an address in use ends the program with a text that names the key") {
    TestEnvironment env;
    const auto port = free_port();
    REQUIRE(env.start_gateway(with_metrics(port)));
    GatewayRun second(env.directory() / "second");
    second.configure(
        bambu2mqtt::simulator::gateway_config(
            env.fleet().printers(), {.broker_url = env.broker().url(), .directory = second.directory()}) +
        "\n" + with_metrics(port).more_lines);
    second.start();
    CHECK(eventually(test_timeout, [&] { return !second.running(); }));
    CHECK(second.stop() == 1);
    CHECK(second.lines_with("metrics.listen: cannot listen on 127.0.0.1 port") == 1);
    CHECK(http_request(port, "/livez").status == 200);
    CHECK(env.gateway().stop() == 0);
}
