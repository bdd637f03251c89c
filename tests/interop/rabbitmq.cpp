#include "interop/rabbitmq.hpp"

#include "support/files.hpp"
#include "support/ports.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <unistd.h>

namespace bambu2mqtt::interop {

namespace {

/// The one in /usr/sbin changes the user.
constexpr const char* rabbitmq_program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
constexpr const char* rabbitmq_log = "log";

} // namespace

bool RabbitMq::available() {
    return ::access(rabbitmq_program, X_OK) == 0;
}

RabbitMq::RabbitMq(std::filesystem::path directory)
    : directory_(std::move(directory)), mqtt_port_(test_support::free_ports(3)),
      distribution_port_(static_cast<std::uint16_t>(mqtt_port_ + 1)),
      mapper_port_(static_cast<std::uint16_t>(mqtt_port_ + 2)) {
    std::filesystem::create_directories(directory_);
    test_support::write_file(directory_ / "rabbitmq.conf",
                             fmt::format("listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:{}\n"
                                         "default_user = {}\ndefault_pass = {}\nloopback_users = none\n"
                                         "mqtt.vhost = /\nmqtt.allow_anonymous = false\n",
                                         mqtt_port_, username(), password()));
    test_support::write_file(directory_ / "enabled_plugins", "[rabbitmq_mqtt].\n");
    mapper_ = std::make_unique<test_support::Process>(test_support::ProcessOptions{
        .arguments = {"epmd", "-address", "127.0.0.1", "-port", std::to_string(mapper_port_)}});
    start(0);
}

std::string RabbitMq::title() const {
    return "RabbitMQ " + word_after(test_support::read_file(directory_ / rabbitmq_log), "Starting RabbitMQ");
}

std::uint16_t RabbitMq::port(std::size_t) const {
    return mqtt_port_;
}

void RabbitMq::kill(std::size_t) {
    process_->signal(SIGKILL);
    process_.reset();
}

void RabbitMq::start(std::size_t) {
    const auto path = [this](const char* name) { return (directory_ / name).string(); };
    process_ = std::make_unique<test_support::Process>(test_support::ProcessOptions{
        .arguments = {rabbitmq_program},
        .output = directory_ / rabbitmq_log,
        .environment = {
            {"HOME", directory_.string()},  // of the cookie with which Erlang nodes know each other
            {"RUNNING_UNDER_SYSTEMD", "1"}, // the script becomes the server instead of waiting for it
            {"RABBITMQ_NODENAME", "b2m@localhost"},
            {"RABBITMQ_CONFIG_FILE", path("rabbitmq.conf")},
            {"RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins")},
            {"RABBITMQ_MNESIA_BASE", path("data")},
            {"RABBITMQ_LOG_BASE", path("logs")},
            {"RABBITMQ_LOGS", "-"},
            {"RABBITMQ_DIST_PORT", std::to_string(distribution_port_)},
            {"ERL_EPMD_PORT", std::to_string(mapper_port_)},
            {"ERL_EPMD_ADDRESS", "127.0.0.1"},
            {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"}}});
    wait_for_login(*this, 0, directory_ / rabbitmq_log);
}

} // namespace bambu2mqtt::interop
