#include "interop/nats_cluster.hpp"

#include "interop/http_get.hpp"
#include "support/eventually.hpp"
#include "support/files.hpp"
#include "support/ports.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <signal.h>
#include <unistd.h>

#include <stdexcept>

namespace bambu2mqtt::interop {

namespace {

constexpr const char* nats_program = "/usr/sbin/nats-server"; // Debian's path; not in every user's PATH
constexpr int nats_nodes = 3;
constexpr int ports_per_node = 4;

} // namespace

bool NatsCluster::available() {
    return ::access(nats_program, X_OK) == 0;
}

NatsCluster::NatsCluster(std::filesystem::path directory) : directory_(std::move(directory)) {
    std::filesystem::create_directories(directory_);
    auto port = test_support::free_ports(nats_nodes * ports_per_node);
    for (int node = 0; node < nats_nodes; ++node) {
        Node next;
        for (auto* const each : {&next.client_port, &next.http_port, &next.mqtt_port, &next.route_port}) {
            *each = port++;
        }
        nodes_.push_back(std::move(next));
    }
    for (std::size_t node = 0; node < nodes(); ++node) {
        launch(node);
    }
    // The first login makes the streams, with as many replicas as there are nodes; it fails while one is
    // missing.
    if (!test_support::eventually(2 * test_support::test_timeout, [this] { return all_joined(0); })) {
        throw std::runtime_error{"the NATS nodes form no cluster:\n" +
                                 test_support::read_file(file(0, "log"))};
    }
    for (std::size_t node = 0; node < nodes(); ++node) {
        wait_for_login(*this, node, file(node, "log"));
    }
}

std::string NatsCluster::title() const {
    return "NATS " + word_after(test_support::read_file(file(0, "log")), "Version:");
}

void NatsCluster::kill(std::size_t node) {
    nodes_.at(node).process->signal(SIGKILL);
    nodes_.at(node).process.reset();
}

void NatsCluster::start(std::size_t node) {
    launch(node);
    wait_for_login(*this, node, file(node, "log"));
}

std::filesystem::path NatsCluster::file(std::size_t node, std::string_view ending) const {
    return directory_ / fmt::format("node-{}.{}", node + 1, ending);
}

std::string NatsCluster::configuration(std::size_t node) const {
    std::string routes;
    for (const auto& other : nodes_) {
        routes += fmt::format("{}\"nats://127.0.0.1:{}\"", routes.empty() ? "" : ", ", other.route_port);
    }
    const auto& own = nodes_.at(node);
    return fmt::format("server_name: n{}\nhost: 127.0.0.1\nport: {}\nhttp: 127.0.0.1:{}\nmax_payload: 8MB\n"
                       "jetstream {{ store_dir: \"{}\", max_memory_store: 64MB, max_file_store: 512MB }}\n"
                       "mqtt {{ host: 127.0.0.1, port: {} }}\n"
                       "cluster {{ name: b2m, host: 127.0.0.1, port: {}, routes: [{}] }}\n",
                       node + 1, own.client_port, own.http_port, file(node, "data").string(), own.mqtt_port,
                       own.route_port, routes);
}

void NatsCluster::launch(std::size_t node) {
    test_support::write_file(file(node, "conf"), configuration(node));
    nodes_.at(node).process = std::make_unique<test_support::Process>(test_support::ProcessOptions{
        .arguments = {nats_program, "-c", file(node, "conf").string()}, .output = file(node, "log")});
}

/// True if this node sees a leader of the cluster's metadata and all other nodes in it.
bool NatsCluster::all_joined(std::size_t node) const {
    const auto answer = nlohmann::json::parse(http_get(nodes_.at(node).http_port, "/jsz"), nullptr, false);
    const auto cluster = answer.is_object() ? answer.value("meta_cluster", nlohmann::json::object())
                                            : nlohmann::json::object();
    return cluster.value("cluster_size", 0) == nats_nodes && !cluster.value("leader", "").empty();
}

} // namespace bambu2mqtt::interop
