#include "support/huge_sender.hpp"

#include "support/tls_stream.hpp"

#include <openssl/ssl.h>

#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace bambu2mqtt::test_support {

namespace {

constexpr unsigned char connect_packet = 0x10;
constexpr unsigned char subscribe_packet = 0x80;

/// Reads one packet; returns its first byte and the bytes after its fixed header. False at the end of the
/// connection.
bool read_packet(TlsStream& stream, unsigned char& first, std::string& content) {
    const auto byte = [&](unsigned char& into) {
        char one = 0;
        const bool read = stream.read(&one, 1) == 1;
        into = static_cast<unsigned char>(one);
        return read;
    };
    if (!byte(first)) {
        return false;
    }
    std::size_t length = 0;
    unsigned char part = 0x80;
    for (unsigned shift = 0; (part & 0x80) != 0 && shift < 28; shift += 7) {
        if (!byte(part)) {
            return false;
        }
        length |= static_cast<std::size_t>(part & 0x7F) << shift;
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

/// Fixed header and topic of a PUBLISH with QoS 0 of `size` bytes.
std::string publish_header(std::uint32_t size, const std::string& topic) {
    std::string header{"\x30"};
    for (std::uint32_t left = size; header.size() == 1 || left != 0;) {
        const std::uint32_t low = left & 0x7F;
        left >>= 7;
        header += static_cast<char>(left == 0 ? low : low | 0x80);
    }
    header += static_cast<char>(topic.size() >> 8);
    header += static_cast<char>(topic.size() & 0xFF);
    return header + topic;
}

} // namespace

HugeSender::HugeSender(const std::filesystem::path& certificate, const std::filesystem::path& key,
                       std::string topic)
    : topic_{std::move(topic)}, context_{SSL_CTX_new(TLS_server_method()), SSL_CTX_free} {
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
    unsigned char first = 0;
    std::string content;
    while (read_packet(stream, first, content)) {
        if ((first & 0xF0) == connect_packet) {
            stream.write(std::string_view{"\x20\x02\x00\x00", 4});
        } else if ((first & 0xF0) == subscribe_packet) {
            const std::string answer{'\x90', '\x03', content[0], content[1], '\0'};
            stream.write(answer);
            while (size_ == 0 && !stopping_) {
                std::this_thread::sleep_for(std::chrono::milliseconds{2});
            }
            const std::uint32_t size = size_;
            const std::string header = publish_header(size, topic_);
            const std::string piece(16384, ' ');
            ++begun_;
            bool open = stream.write(header);
            for (std::uint64_t sent = 0; open && !stopping_ && sent < size; sent += piece.size()) {
                open = stream.write(piece);
                sent_ += open ? piece.size() : 0;
            }
            return;
        }
    }
}

} // namespace bambu2mqtt::test_support
