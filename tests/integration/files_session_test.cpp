// One FTPS session, operation by operation: use of connections and TLS sessions.
#include "files_fixture.hpp"

namespace bambu2mqtt::files_test {

namespace {

/// Trusts this certificate alone.
[[nodiscard]] FtpsServer::Check only(const std::filesystem::path& certificate) {
    return [pem = parse_certificate(read_file(certificate))->pem](
               const PeerCertificate& shown) -> TrustDecision {
        if (shown.pem != pem) {
            return unexpected(Untrusted{"another certificate"});
        }
        return {};
    };
}

[[nodiscard]] FtpsServer server_of(const RealPrinter& printer) {
    return {.address = "127.0.0.1",
            .port = printer.server.port(),
            .username = "bblp",
            .access_code = Secret(Files::access_code),
            .check = only(printer.leaf().certificate)};
}

[[nodiscard]] UploadContent content_of(const std::string& bytes) {
    return {.size = bytes.size(), .read = [&bytes](std::uint64_t offset, std::span<char> into) {
                return std::optional(bytes.copy(into.data(), into.size(), offset));
            }};
}

[[nodiscard]] std::size_t count_in(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("40 uploads with a listing after each need one login; data connections resume its session") {
    if (no_vsftpd()) {
        return;
    }
    for (const auto tls : {test_support::ServerTls::only_1_2, test_support::ServerTls::both}) {
        RealPrinter printer({.tls = tls});
        StopSignal stop;
        FtpsSession session(server_of(printer), stop);
        std::string rows;
        for (int i = 0; i < 40; ++i) {
            const std::string content(static_cast<std::size_t>(i) * 700, 'x');
            const auto answer = session.upload("/file " + std::to_string(i), content_of(content));
            INFO(answer.text);
            CHECK(answer.done());
            CHECK(session.size("/file " + std::to_string(i)).size == content.size());
            CHECK(session.list("/", rows).done());
        }
        CHECK(count_in(rows, "\n") == 40);
        const auto log = printer.server.log();
        CHECK(count_in(log, "OK LOGIN") == 1);
        CHECK(count_in(log, "TLSv1.2") > 0);
        CHECK(count_in(log, "TLSv1.3") == 0);
        CHECK_FALSE(contains(log, "No SSL session reuse"));
    }
}

TEST_CASE("a server with TLS 1.3 only is supported, with a new session for each transfer") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer({.tls = test_support::ServerTls::only_1_3});
    StopSignal stop;
    FtpsSession session(server_of(printer), stop);
    std::string rows;
    // 2 MB fit into the socket buffers: all is sent before the server has begun to read.
    for (const std::size_t size : {0U, 1U, 30'000U, 2'000'000U, 2'000'000U, 2'000'000U, 9'000'000U}) {
        const std::string content(size, 'x');
        const auto answer = session.upload("/x", content_of(content));
        INFO(answer.text);
        CHECK(answer.done());
        CHECK(session.size("/x").size == size);
        CHECK(session.list("/", rows).done());
        std::size_t received = 0;
        CHECK(session
                  .download("/x", size,
                            [&](std::string_view bytes) {
                                received += bytes.size();
                                return true;
                            })
                  .done());
        CHECK(received == size);
    }
    CHECK(count_in(printer.server.log(), "TLSv1.2") == 0);
}

TEST_CASE("folders and files are created, renamed and removed; refusals keep the connection") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    StopSignal stop;
    FtpsSession session(server_of(printer), stop);
    CHECK(session.log_in().done());
    CHECK(session.make_folder("/f").done());
    CHECK(session.make_folder("/f").end == FtpsEnd::refused);
    CHECK(session.enter("/f").done());
    CHECK(session.enter("/missing").reply == 550);
    CHECK(session.rename("/f", "/g h").done());
    CHECK(session.rename("/f", "/i").end == FtpsEnd::refused);
    CHECK(session.size("/g h").end == FtpsEnd::refused);
    CHECK(session.remove_file("/missing").end == FtpsEnd::refused);
    CHECK(session.remove_folder("/g h").done());
    CHECK_FALSE(printer.stored("g h"));
    CHECK(count_in(printer.server.log(), "OK LOGIN") == 1);
}

TEST_CASE("a server with an unexpected certificate receives nothing, with any TLS version") {
    if (no_vsftpd()) {
        return;
    }
    for (const auto tls : {test_support::ServerTls::only_1_2, test_support::ServerTls::only_1_3}) {
        RealPrinter printer({.tls = tls});
        auto server = server_of(printer);
        server.check = only(printer.pki().issue({.common_name = Files::serial}, "other").certificate);
        StopSignal stop;
        const auto answer = FtpsSession(server, stop).log_in();
        CHECK(answer.end == FtpsEnd::untrusted);
        CHECK(answer.text == "another certificate");
        server.check = {};
        CHECK(FtpsSession(server, stop).log_in().end == FtpsEnd::untrusted);
        CHECK_FALSE(contains(printer.server.log(), "USER"));
    }
}

TEST_CASE("a certificate that is not accepted after the handshake receives nothing either") {
    if (no_vsftpd()) {
        return;
    }
    for (const auto tls : {test_support::ServerTls::only_1_2, test_support::ServerTls::only_1_3}) {
        RealPrinter printer({.tls = tls});
        auto server = server_of(printer);
        server.accept = [](const PeerCertificate&) -> TrustDecision {
            return unexpected(Untrusted{"cannot be stored"});
        };
        StopSignal stop;
        const auto answer = FtpsSession(server, stop).log_in();
        CHECK(answer.end == FtpsEnd::untrusted);
        CHECK(answer.text == "cannot be stored");
        CHECK_FALSE(contains(printer.server.log(), "USER"));
    }
}

TEST_CASE("a session that is being stopped does nothing") {
    OddPrinter printer;
    StopSignal stop;
    FtpsServer server{.address = "127.0.0.1",
                      .port = printer.server.port(),
                      .username = "bblp",
                      .access_code = Secret(Files::access_code),
                      .any_certificate = true};
    FtpsSession hasty(server, stop);
    FtpsSession tidy(server, stop, {}, Stop::soon);
    stop.raise(Stop::soon);
    CHECK(hasty.log_in().end == FtpsEnd::stopped);
    CHECK(tidy.log_in().done());
    stop.raise(Stop::now);
    CHECK(tidy.enter("/").end == FtpsEnd::stopped);
}

} // namespace bambu2mqtt::files_test
