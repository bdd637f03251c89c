#include "support/mosquitto.hpp"

#include "support/eventually.hpp"
#include "support/files.hpp"
#include "support/ports.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace bambu2mqtt::test_support {
namespace {

/// The Debian path: /usr/sbin is not in every user's PATH.
const char* program() {
    constexpr const char* debian = "/usr/sbin/mosquitto";
    return ::access(debian, X_OK) == 0 ? debian : "mosquitto";
}

std::string setting(const std::string& key, const std::filesystem::path& value) {
    return value.empty() ? "" : key + " " + value.string() + "\n";
}

std::string lines_of(const Listener& listener) {
    std::string text = "\nlistener " + std::to_string(listener.port) + " " + listener.address + "\n";
    text += setting("certfile", listener.certificate);
    text += setting("keyfile", listener.key);
    text += setting("cafile", listener.client_ca);
    if (!listener.client_ca.empty())
        text += "require_certificate true\n";
    text += listener.password_file.empty() ? "allow_anonymous true\n" : "allow_anonymous false\n";
    text += setting("password_file", listener.password_file);
    text += setting("acl_file", listener.acl_file);
    text += setting("tls_version", listener.tls_version);
    for (const auto& line : listener.more_lines)
        text += line + "\n";
    return text;
}

} // namespace

Mosquitto::Mosquitto(MosquittoOptions options) : options_{std::move(options)} {
    std::filesystem::create_directories(options_.directory);
    for (auto& listener : options_.listeners) {
        if (listener.port == 0)
            listener.port = free_port();
    }
    start();
}

std::string Mosquitto::url(std::size_t listener) const {
    const bool tls = !options_.listeners.at(listener).certificate.empty();
    return (tls ? "mqtts://127.0.0.1:" : "mqtt://127.0.0.1:") + std::to_string(port(listener));
}

pid_t Mosquitto::pid() const {
    return process_ ? process_->pid() : -1;
}

std::string Mosquitto::configuration() const {
    std::string text = "per_listener_settings true\n"
                       "log_dest stderr\n"
                       "log_type error\nlog_type warning\nlog_type notice\nlog_type information\n"
                       "sys_interval 0\n"
                       "set_tcp_nodelay true\n"
                       "max_queued_messages 1000000\n";
    if (::geteuid() == 0)
        text += "user root\n"; // otherwise it drops to a user who cannot read the files of this test
    if (options_.persistence)
        text += "persistence true\npersistence_location " + (options_.directory / "").string() + "\n";
    for (const auto& line : options_.more_lines)
        text += line + "\n";
    for (const auto& listener : options_.listeners)
        text += lines_of(listener);
    return text;
}

void Mosquitto::start() {
    const auto file = options_.directory / "mosquitto.conf";
    write_file(file, configuration());
    process_ = std::make_unique<Process>(ProcessOptions{.arguments = {program(), "-c", file.string()},
                                                        .output = options_.directory / "mosquitto.log"});
    const bool up = eventually(
        test_timeout, [this] { return !process_->running() || log().find(" running") != std::string::npos; });
    const bool listening =
        up && process_->running() &&
        std::all_of(options_.listeners.begin(), options_.listeners.end(), [](const Listener& listener) {
            return accepts_connections(listener.port, listener.address);
        });
    if (!listening) {
        const auto words = log();
        process_.reset();
        throw std::runtime_error{"mosquitto did not start:\n" + words};
    }
}

void Mosquitto::stop() {
    process_.reset();
}

void Mosquitto::crash() {
    if (process_)
        process_->signal(SIGKILL);
    process_.reset();
}

void Mosquitto::freeze() {
    if (process_)
        process_->signal(SIGSTOP);
}

void Mosquitto::thaw() {
    if (process_)
        process_->signal(SIGCONT);
}

void Mosquitto::reload() {
    if (process_)
        process_->signal(SIGHUP);
}

std::string Mosquitto::log() const {
    return read_file(options_.directory / "mosquitto.log");
}

} // namespace bambu2mqtt::test_support
