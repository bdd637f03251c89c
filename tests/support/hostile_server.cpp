#include "support/hostile_server.hpp"

#include "support/tls_stream.hpp"

#include <openssl/ssl.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace bambu2mqtt::test_support {

namespace {

constexpr unsigned kind_connect = 1;
constexpr unsigned kind_subscribe = 8;

/// Reads one packet; its kind and what comes after its fixed header. False at the end of the connection.
bool read_mqtt_packet(TlsStream& stream, unsigned& kind, std::string& content) {
    const auto byte = [&](unsigned char& into) {
        char one = 0;
        const bool read = stream.read(&one, 1) == 1;
        into = static_cast<unsigned char>(one);
        return read;
    };
    unsigned char first = 0;
    if (!byte(first)) {
        return false;
    }
    kind = first >> 4U;
    std::size_t length = 0;
    unsigned char part = 0x80;
    for (unsigned shift = 0; (part & 0x80U) != 0 && shift < 28; shift += 7) {
        if (!byte(part)) {
            return false;
        }
        length |= static_cast<std::size_t>(part & 0x7FU) << shift;
    }
    content.resize(length);
    for (std::size_t at = 0; at < length;) {
        const auto count = stream.read(content.data() + at, length - at);
        if (count == 0) {
            return false;
        }
        at += count;
    }
    return true;
}

std::string fixed_header(unsigned char first, std::size_t length) {
    std::string header(1, static_cast<char>(first));
    do {
        const auto low = static_cast<unsigned char>(length & 0x7FU);
        length >>= 7U;
        header += static_cast<char>(length == 0 ? low : low | 0x80U);
    } while (length != 0);
    return header;
}

std::string two_bytes(std::size_t number) {
    return {static_cast<char>(number >> 8U), static_cast<char>(number & 0xFFU)};
}

} // namespace

bool HostileServer::Client::confirm() {
    return send(std::string{'\x90', '\x03', subscribe_.at(0), subscribe_.at(1), '\0'});
}

bool HostileServer::Client::send(std::string_view bytes) {
    constexpr std::size_t piece = 16384; // more than one TLS record is written in several steps
    while (!bytes.empty() && !stopping_) {
        if (!stream_.write(bytes.substr(0, piece))) {
            return false;
        }
        bytes.remove_prefix(std::min(piece, bytes.size()));
    }
    return !stopping_;
}

bool HostileServer::Client::publish(const std::string& topic, std::string_view payload, unsigned qos,
                                    std::uint16_t packet) {
    std::string start = two_bytes(topic.size()) + topic;
    if (qos > 0) {
        start += two_bytes(packet);
    }
    const auto first = static_cast<unsigned char>(0x30U | qos << 1U);
    return send(fixed_header(first, start.size() + payload.size()) + start) && send(payload);
}

bool HostileServer::Client::announce(std::uint32_t bytes) {
    return send(fixed_header(0x30, bytes));
}

void HostileServer::Client::wait() {
    std::array<char, 256> ignored{};
    while (stream_.read(ignored.data(), ignored.size()) > 0) {
    }
}

HostileServer::HostileServer(const std::filesystem::path& certificate, const std::filesystem::path& key,
                             Script script)
    : script_{std::move(script)}, context_{SSL_CTX_new(TLS_server_method()), SSL_CTX_free} {
    ::signal(SIGPIPE, SIG_IGN);
    if (SSL_CTX_use_certificate_file(context_.get(), certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw std::runtime_error{"no certificate for a server"};
    }
    listener_ = listen_anywhere(port_);
    thread_ = std::thread{[this] { serve(); }};
}

HostileServer::~HostileServer() {
    stopping_ = true;
    thread_.join();
    ::close(listener_);
}

void HostileServer::serve() {
    for (int client = -1; (client = accept_one(listener_, stopping_)) >= 0;) {
        serve_one(client);
    }
}

void HostileServer::serve_one(int client) {
    TlsStream stream{client, context_.get(), stopping_};
    if (!stream.accept()) {
        return;
    }
    unsigned kind = 0;
    std::string content;
    while (read_mqtt_packet(stream, kind, content)) {
        constexpr std::size_t level_at = 6; // behind the length and the name of the protocol
        if (kind == kind_connect) {
            const bool version_5 = content.size() > level_at && content[level_at] == 5;
            stream.write(version_5 ? std::string_view{"\x20\x02\x00\x01", 4}
                                   : std::string_view{"\x20\x02\x00\x00", 4});
        } else if (kind == kind_subscribe && content.size() > 2) {
            Client subscribed{stream, stopping_, content};
            ++begun_;
            script_(subscribed);
            ++ended_;
            return;
        }
    }
}

} // namespace bambu2mqtt::test_support
