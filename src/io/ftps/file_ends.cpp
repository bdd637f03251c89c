#include "io/ftps/file_ends.hpp"

#include "io/thread/descriptors.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace bambu2mqtt {

namespace {

/// Meaning of a reply code (RFC 959, and practice of printers' servers).
struct ReplyMeaning {
    int reply = 0;
    Status status = Status::refused;
    Code code = Code::printer_refused;
    std::string_view words{};
};

constexpr std::array meanings{
    ReplyMeaning{421, Status::refused, Code::busy, "the printer accepts no more connections"},
    ReplyMeaning{426, Status::failed, Code::none, "the printer aborted the transfer"},
    ReplyMeaning{451, Status::failed, Code::none,
                 "the printer could not write or read the file; is its storage full?"},
    ReplyMeaning{452, Status::failed, Code::none, "the printer's storage is full"},
    ReplyMeaning{552, Status::failed, Code::none, "the printer's storage is full"},
    ReplyMeaning{553, Status::refused, Code::printer_refused,
                 "the printer does not accept the file; is a card or stick inserted?"},
};

[[nodiscard]] FileEnd end_of_refusal(const FtpsAnswer& answer) {
    const auto meaning = std::ranges::find(meanings, answer.reply, &ReplyMeaning::reply);
    if (meaning == meanings.end()) {
        return file_refused(Code::printer_refused, answer.text);
    }
    return {.status = meaning->status,
            .code = meaning->code,
            .message = fmt::format("{} ({} {})", meaning->words, answer.reply, answer.words)};
}

} // namespace

FileEnd file_done(OrderedJson data) {
    return {.status = Status::done, .data = std::move(data)};
}

FileEnd file_refused(Code code, std::string message) {
    return {.status = Status::refused, .code = code, .message = std::move(message)};
}

FileEnd file_failed(std::string message) {
    return {.status = Status::failed, .message = std::move(message)};
}

FileEnd end_of(const FtpsAnswer& answer) {
    switch (answer.end) {
    case FtpsEnd::refused:
        return end_of_refusal(answer);
    case FtpsEnd::login_refused:
        return file_refused(Code::printer_refused,
                            answer.text + "; is the access code still the one on the printer's screen?");
    case FtpsEnd::stopped:
        return file_failed("cancelled");
    case FtpsEnd::unreachable:
        return file_failed(with_true_reason("the printer's file service cannot be reached: " + answer.text));
    case FtpsEnd::broken:
        return file_failed(with_true_reason(answer.text));
    default:
        return file_failed(answer.text);
    }
}

FileEnd end_of(const Error& error) {
    switch (error.problem) {
    case Problem::refused:
        return file_refused(Code::not_allowed, error.detail);
    case Problem::unknown:
        return file_refused(Code::not_found, error.detail);
    case Problem::malformed:
    case Problem::out_of_range:
        return file_refused(Code::invalid_argument, error.detail);
    default:
        return file_failed(with_true_reason(error.detail));
    }
}

} // namespace bambu2mqtt
