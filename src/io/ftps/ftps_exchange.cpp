#include "io/ftps/ftps_exchange.hpp"

#include "io/ftps/peer_check.hpp"
#include <bambu2mqtt/io/thread/guard.hpp>

#include <poll.h>

#include <algorithm>
#include <charconv>

namespace bambu2mqtt {

namespace {

constexpr int size_reply = 213;
constexpr int login_taken = 230;

[[nodiscard]] std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} ? std::optional(number) : std::nullopt;
}

/// A TLS 1.3 server sends tickets before it reads. If the client closes with them unread, the system resets
/// the connection and data the server has not read yet is lost: the last piece waits for the tickets.
void await_tickets(const StopSignal& stop) {
    constexpr int limit_ms = 1000;
    pollfd waiting{stop.newest_socket(), POLLIN, 0};
    poll(&waiting, 1, limit_ms);
}

} // namespace

void FtpsExchange::start_again() {
    *this = FtpsExchange{.peer = peer, .tickets_first = tickets_first, .content = content, .sink = sink};
}

/// A line that begins with a code and a blank ends a reply; others are part of a multi-line reply.
void FtpsExchange::take_line(std::string_view line) {
    constexpr std::size_t digits = 3;
    int number = 0;
    const auto* const digits_end = line.data() + std::min(line.size(), digits);
    const auto [stopped, error] = std::from_chars(line.data(), digits_end, number);
    const bool goes_on = line.size() > digits && line[digits] == '-';
    if (error != std::errc{} || stopped != digits_end || number < 100 || goes_on) {
        return;
    }
    line.remove_prefix(std::min(line.size(), digits + 1));
    reply = number;
    words = line.substr(0, line.find_first_of("\r\n"));
    if (number == size_reply) {
        size = number_in(words);
    }
    logged_in = logged_in || number == login_taken;
}

std::size_t FtpsExchange::read(char* into, std::size_t most) {
    const auto left = content->size - bytes;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, most));
    if (wanted == 0) {
        return 0;
    }
    if (wanted == left && tickets_first != nullptr) {
        await_tickets(*tickets_first);
    }
    const auto got = content->read(bytes, {into, wanted});
    if (!got || *got == 0) {
        gave_up = true;
        return CURL_READFUNC_ABORT;
    }
    bytes += *got;
    return *got;
}

std::size_t FtpsExchange::write(std::string_view data) {
    if (sink == nullptr || !(*sink)(data)) {
        gave_up = true;
        return 0;
    }
    bytes += data.size();
    return data.size();
}

std::size_t FtpsExchange::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    std::size_t taken = 0; // with fewer than offered libcurl ends the transfer
    guard("reply of a file server", [&] {
        auto& exchange = *static_cast<FtpsExchange*>(self);
        if (exchange.peer == nullptr || exchange.peer->accept()) { // the greeting comes before the login
            exchange.take_line({data, size * count});
            taken = size * count;
        }
    });
    return taken;
}

std::size_t FtpsExchange::on_read(char* into, std::size_t size, std::size_t count, void* self) {
    std::size_t given = CURL_READFUNC_ABORT;
    guard("content for a file server",
          [&] { given = static_cast<FtpsExchange*>(self)->read(into, size * count); });
    return given;
}

std::size_t FtpsExchange::on_write(char* data, std::size_t size, std::size_t count, void* self) {
    std::size_t taken = 0;
    guard("content of a file server", [&] {
        taken = static_cast<FtpsExchange*>(self)->write({data, size * count});
    });
    return taken;
}

} // namespace bambu2mqtt
