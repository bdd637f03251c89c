// Uploads from the web: a small server on loopback, and URLs that are refused.
#include "files_fixture.hpp"
#include "support/eventually.hpp"
#include "support/tls_stream.hpp"
#include <bambu2mqtt/io/ftps/url_source.hpp>

#include <openssl/ssl.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

namespace bambu2mqtt::files_test {

namespace {

/// Answers each request with the response set for its path, over plain HTTP, or over TLS if a certificate is
/// given.
class WebServer {
  public:
    explicit WebServer(const test_support::Certificate* leaf = nullptr)
        : context_(leaf == nullptr ? nullptr : SSL_CTX_new(TLS_server_method())),
          listener_(test_support::listen_anywhere(port_)) {
        if (context_ != nullptr) {
            SSL_CTX_use_certificate_file(context_, leaf->certificate.c_str(), SSL_FILETYPE_PEM);
            SSL_CTX_use_PrivateKey_file(context_, leaf->key.c_str(), SSL_FILETYPE_PEM);
        }
        thread_ = std::thread([this] { serve(); });
    }

    WebServer(const WebServer&) = delete;
    WebServer& operator=(const WebServer&) = delete;

    ~WebServer() {
        stopping_ = true;
        thread_.join();
        close(listener_);
        SSL_CTX_free(context_);
    }

    [[nodiscard]] std::string url(const std::string& path, const std::string& login = {}) const {
        return (context_ == nullptr ? "http://" : "https://") + login + "127.0.0.1:" + std::to_string(port_) +
               path;
    }

    [[nodiscard]] int requests() const { return requests_; }

    std::map<std::string, std::string>
        answers{}; ///< complete responses by path; set before the first request
    std::atomic<bool> silent{false};

  private:
    void serve() {
        for (int client = -1; (client = test_support::accept_one(listener_, stopping_)) >= 0;) {
            if (context_ != nullptr) {
                test_support::TlsStream stream(client, context_, stopping_);
                static_cast<void>(stream.accept());
                continue;
            }
            std::array<char, 4096> request{};
            const auto count = recv(client, request.data(), request.size(), 0);
            const std::string text(request.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
            ++requests_;
            while (silent && !stopping_) {
                std::this_thread::sleep_for(10ms);
            }
            const auto path = text.substr(4, text.find(' ', 4) - 4);
            const auto found = answers.find(path);
            const std::string answer = found == answers.end()
                                           ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                                           : found->second;
            for (std::size_t at = 0; at < answer.size();) {
                const auto sent = send(client, answer.data() + at, answer.size() - at, MSG_NOSIGNAL);
                if (sent <= 0) {
                    break;
                }
                at += static_cast<std::size_t>(sent);
            }
            close(client);
        }
    }

    SSL_CTX* context_;
    std::uint16_t port_ = 0;
    int listener_;
    std::atomic<bool> stopping_{false};
    std::atomic<int> requests_{0};
    std::thread thread_;
};

[[nodiscard]] std::string fine(const std::string& content) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" + content;
}

[[nodiscard]] std::string redirect(const std::string& url) {
    return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + url + "\r\n\r\n";
}

struct Fixture : OddPrinter {
    Fixture() { local.allow_urls = true; }

    [[nodiscard]] FileEnd upload(const std::string& url) { return run(UploadFile{UrlSource{url}, "/x.3mf"}); }
};

} // namespace

TEST_CASE("a file is fetched from the web and sent to the printer; no local copy remains") {
    WebServer web;
    const std::string content(300'000, 'w');
    web.answers["/part.3mf?token=s3cret"] = fine(content);
    web.answers["/from"] = redirect("/part.3mf?token=s3cret");
    web.answers["/no-length"] = "HTTP/1.0 200 OK\r\n\r\n" + content;
    Fixture printer;
    for (const auto& url : {web.url("/part.3mf?token=s3cret"), web.url("/from"), web.url("/no-length"),
                            "HTTP" + web.url("/from").substr(4)}) {
        INFO(url);
        CHECK(ending(printer.upload(url)) == "done");
        CHECK(printer.server.file("/x.3mf") == content);
    }
    CHECK(printer.local_names().empty());
}

TEST_CASE("URLs are not fetched unless the configuration allows it") {
    WebServer web;
    web.answers["/x"] = fine("x");
    Fixture printer;
    printer.local.allow_urls = false;
    const auto end = printer.upload(web.url("/x"));
    CHECK(ending(end) == "refused not_allowed");
    CHECK(contains(end.message, "files.allow_urls"));
    CHECK(web.requests() == 0);
    CHECK(printer.server.commands().empty());
}

TEST_CASE("only http and https URLs are fetched, also after a redirect") {
    WebServer web;
    Fixture printer;
    write_file(printer.path("secret"), "secret");
    for (const std::string& url :
         std::vector<std::string>{"file://" + printer.path("secret").string(), "ftp://127.0.0.1/x",
                                  "gopher://127.0.0.1/x", "http:/x", "http://", "x", "",
                                  "http://127.0.0.1/a b", "http://127.0.0.1/a\r\nX: y", "javascript:1"}) {
        INFO(url);
        CHECK(ending(printer.upload(url)) == "refused invalid_argument");
    }
    web.answers["/file"] = redirect("file://" + printer.path("secret").string());
    web.answers["/ftp"] = redirect("ftp://127.0.0.1/x");
    web.answers["/loop"] = redirect("/loop");
    CHECK(ending(printer.upload(web.url("/file"))) == "refused not_allowed");
    CHECK(ending(printer.upload(web.url("/ftp"))) == "refused not_allowed");
    const auto loop = printer.upload(web.url("/loop"));
    CHECK(ending(loop) == "refused not_allowed");
    CHECK(contains(loop.message, "redirects more than 5 times"));
    CHECK(printer.server.paths().empty());
}

TEST_CASE("missing, too large, truncated and unreachable files are reported without the URL's secrets") {
    WebServer web;
    web.answers["/large"] = fine(std::string(2000, 'x'));
    web.answers["/endless"] = "HTTP/1.0 200 OK\r\n\r\n" + std::string(2000, 'x');
    web.answers["/cut"] = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf";
    web.answers["/error"] = "HTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n";
    Fixture printer;
    printer.limits.url.size = 1000;
    const auto missing = printer.upload(web.url("/missing?token=s3cret", "user:passw0rd@"));
    CHECK(ending(missing) == "refused not_found");
    CHECK(contains(missing.message, "127.0.0.1"));
    CHECK(contains(missing.message, "404"));
    CHECK_FALSE(contains(missing.message, "s3cret"));
    CHECK_FALSE(contains(missing.message, "passw0rd"));
    CHECK(ending(printer.upload(web.url("/large"))) == "refused invalid_argument");
    CHECK(ending(printer.upload(web.url("/endless"))) == "refused invalid_argument");
    CHECK(ending(printer.upload(web.url("/cut"))) == "failed");
    CHECK(contains(printer.upload(web.url("/error")).message, "500"));
    const auto nobody =
        printer.upload("http://127.0.0.1:" + std::to_string(test_support::free_port()) + "/x");
    CHECK(ending(nobody) == "failed");
    CHECK(ending(printer.upload("http://no-such-host.invalid/x")) == "failed");
    CHECK(printer.server.paths().empty());
    CHECK(printer.local_names().empty());
}

TEST_CASE("an upload from a URL is limited to files.url_limit") {
    WebServer web;
    web.answers["/fits"] = fine(std::string(1000, 'x'));
    web.answers["/large"] = fine(std::string(1001, 'x'));
    web.answers["/endless"] = "HTTP/1.0 200 OK\r\n\r\n" + std::string(1001, 'x');
    Fixture printer;
    printer.local.url_limit = 1000;
    CHECK(ending(printer.upload(web.url("/fits"))) == "done");
    for (const auto* const path : {"/large", "/endless"}) {
        const auto end = printer.upload(web.url(path));
        CHECK(ending(end) == "refused invalid_argument");
        CHECK(contains(end.message, "more than 1000 bytes (files.url_limit)"));
    }
    CHECK(printer.local_names().empty());
}

TEST_CASE("uploads and downloads leave free space on the disk of files.directory") {
    WebServer web;
    web.answers["/small"] = fine("x");
    web.answers["/large"] = fine(std::string(3'000'000, 'x'));
    web.answers["/endless"] = "HTTP/1.0 200 OK\r\n\r\n" + std::string(3'000'000, 'x');
    Fixture printer;
    // A disk on which little else is written meanwhile.
    const std::filesystem::path memory = "/dev/shm";
    const auto folder = memory / ("bambu2mqtt-test-" + std::to_string(getpid()));
    if (std::filesystem::is_directory(memory)) {
        std::filesystem::create_directories(folder);
        printer.local.directory = folder;
    }
    const auto free = std::filesystem::space(printer.local.directory).available;
    REQUIRE(free > 2'000'000);

    SUBCASE("no space left: nothing is requested") {
        printer.limits.keep_free = 2 * free;
        const auto end = printer.upload(web.url("/small"));
        CHECK(ending(end) == "failed");
        CHECK(contains(end.message, "the disk of files.directory is nearly full"));
        CHECK(web.requests() == 0);
        printer.server.put("/y", "12345");
        const auto fetched = printer.run(DownloadFile{.path = "/y", .dest = "y"});
        CHECK(ending(fetched) == "failed");
        CHECK(contains(fetched.message, "the disk of files.directory has room for 0 more bytes"));
    }
    SUBCASE("too little left: detected by the announced length and while receiving") {
        printer.limits.keep_free = free - 1'000'000;
        for (const auto* const path : {"/large", "/endless"}) {
            const auto end = printer.upload(web.url(path));
            CHECK(ending(end) == "failed");
            CHECK(contains(end.message, "the disk of files.directory"));
        }
    }
    CHECK_FALSE(printer.server.file("/x.3mf").has_value());
    CHECK(printer.local_names().empty());
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
}

TEST_CASE("a web server with an untrusted certificate is refused") {
    Fixture printer;
    const auto leaf =
        printer.pki().issue({.common_name = "127.0.0.1", .alternative_names = {"IP:127.0.0.1"}}, "web");
    const WebServer web(&leaf);
    const auto end = printer.upload(web.url("/x"));
    CHECK(ending(end) == "failed");
    CHECK(contains(end.message, "certificate is not trusted"));
}

TEST_CASE("fetching can be cancelled like any other job") {
    WebServer web;
    web.silent = true;
    Fixture printer;
    printer.start(UploadFile{UrlSource{web.url("/x")}, "/x"});
    REQUIRE(test_support::eventually(test_timeout, [&] { return web.requests() == 1; }));
    const auto begun = std::chrono::steady_clock::now();
    printer.link().cancel();
    const auto end = printer.ended();
    CHECK(ending(end) == "failed");
    CHECK(contains(end.message, "cancelled"));
    CHECK(std::chrono::steady_clock::now() - begun < timeout_factor * 3s);
}

} // namespace bambu2mqtt::files_test
