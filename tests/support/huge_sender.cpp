#include "support/huge_sender.hpp"

#include "support/mqtt_packet.hpp"
#include "support/tls_stream.hpp"

#include <openssl/ssl.h>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace bambu2mqtt::test_support {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view small_report =
    R"({"print":{"command":"push_status","msg":0,"gcode_state":"IDLE"}})";

/// First byte and three of the four bytes of the length: the size of the packet is still unknown.
constexpr std::size_t without_length = 4;

/// When no other attacker begins.
constexpr auto longest_turn = 3s;

} // namespace

HugeSender::HugeSender(const std::filesystem::path& certificate, const std::filesystem::path& key,
                       std::string topic, AttackTurns& turns)
    : topic_{std::move(topic)}, turns_{turns}, context_{SSL_CTX_new(TLS_server_method()), SSL_CTX_free} {
    ::signal(SIGPIPE, SIG_IGN);
    if (SSL_CTX_use_certificate_file(context_.get(), certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw std::runtime_error{"no certificate for a printer"};
    }
    listener_ = listen_anywhere(port_);
    thread_ = std::thread{[this] { serve(); }};
}

HugeSender::~HugeSender() {
    stopping_ = true;
    turns_.end();
    thread_.join();
    ::close(listener_);
}

void HugeSender::serve() {
    for (int client = -1; (client = accept_one(listener_, stopping_)) >= 0;) {
        serve_one(client);
    }
}

void HugeSender::serve_one(int client) {
    TlsStream stream{client, context_.get(), stopping_};
    if (!stream.accept()) {
        return;
    }
    MqttPacket packet;
    while (read_packet(stream, packet)) {
        if (packet.type() == connect_packet) {
            stream.write(connack());
        } else if (packet.type() == subscribe_packet) {
            stream.write(suback(packet));
            idle_ = true;
            while (turns_.size() == 0 && !stopping_) {
                std::this_thread::sleep_for(2ms);
            }
            idle_ = false;
            if (!stopping_ && stream.write(publish_packet(topic_, small_report))) {
                attack(stream);
            }
            return;
        }
    }
}

void HugeSender::attack(TlsStream& stream) {
    const auto size = turns_.size();
    if (size == 0) {
        return;
    }
    const auto header = publish_header(size, topic_);
    const std::string piece(16384, ' ');
    const auto number = turns_.started();
    bool open = stream.write(std::string_view{header}.substr(0, without_length));
    turns_.await_successor(number, longest_turn);
    open = open && stream.write(std::string_view{header}.substr(without_length));
    for (std::uint64_t sent = 0; open && !stopping_ && sent < size; sent += piece.size()) {
        open = stream.write(piece);
        sent_ += open ? piece.size() : 0;
    }
    turns_.finished();
}

} // namespace bambu2mqtt::test_support
