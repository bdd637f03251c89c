// Identity of the FTPS server: the same certificate as over MQTT, and the access code is sent to no other.
#include "files_fixture.hpp"
#include <bambu2mqtt/io/tls/trust_store.hpp>

namespace bambu2mqtt::files_test {

namespace {

/// The log of the server shows logins with "PASS <password>".
[[nodiscard]] bool saw_a_login(const Vsftpd& server) {
    return contains(server.log(), "PASS");
}

void show_another_certificate(RealPrinter& printer, const std::string& common_name = Files::serial) {
    const auto leaf = printer.pki().issue({.common_name = common_name}, "other");
    printer.server.use_certificate(leaf.certificate, leaf.key);
}

} // namespace

TEST_CASE("on first use over FTPS the certificate is pinned, for MQTT too") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    CHECK(ending(printer.run(ListFiles{})) == "done");
    const auto pin = printer.services().trust().get(Files::serial);
    REQUIRE(pin.has_value());
    CHECK(pin->pem == parse_certificate(read_file(printer.leaf().certificate))->pem);
}

TEST_CASE("a changed certificate is refused over FTPS too, and the access code is not sent") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    REQUIRE(ending(printer.run(ListFiles{})) == "done");
    const auto pin = printer.services().trust().get(Files::serial);
    std::filesystem::remove(printer.path("vsftpd/vsftpd.log"));
    show_another_certificate(printer);
    const auto end = printer.run(UploadFile{InlineSource{"x"}, "/x.3mf"});
    CHECK(ending(end) == "failed");
    CHECK(contains(end.message, pin->fingerprint));
    CHECK(contains(end.message, "trust the new one with the command pin"));
    CHECK_FALSE(saw_a_login(printer.server));
    CHECK(printer.services().trust().get(Files::serial)->fingerprint == pin->fingerprint);
}

TEST_CASE("a certificate for another serial is not trusted on first use") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer({}, "01S00C000000002");
    const auto end = printer.run(ListFiles{});
    CHECK(ending(end) == "failed");
    CHECK(contains(end.message, "expected '01S00C000000001'"));
    CHECK_FALSE(saw_a_login(printer.server));
    CHECK_FALSE(printer.services().trust().get(Files::serial).has_value());
}

TEST_CASE("mode ca accepts a renewed certificate of the same authority and no other") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.config.tls = TlsMode::ca;
    CHECK(ending(printer.run(ListFiles{})) == "done");
    show_another_certificate(printer);
    CHECK(ending(printer.run(ListFiles{})) == "done");
    CHECK_FALSE(printer.services().trust().get(Files::serial).has_value());

    show_another_certificate(printer, "01S00C000000002");
    CHECK(contains(printer.run(ListFiles{}).message, "expected '01S00C000000001'"));
    test_support::Pki stranger(printer.path("stranger"));
    const auto forged = stranger.issue({.common_name = Files::serial}, "forged");
    printer.server.use_certificate(forged.certificate, forged.key);
    const auto end = printer.run(ListFiles{});
    CHECK(ending(end) == "failed");
    CHECK(contains(end.message, "is not verified"));
}

TEST_CASE("mode insecure takes any certificate") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer({}, "other");
    printer.config.tls = TlsMode::insecure;
    CHECK(ending(printer.run(ListFiles{})) == "done");
}

TEST_CASE("a wrong access code is refused with advice, and does not appear in the message") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.config.access_code = Secret("11112222");
    const auto end = printer.run(UploadFile{InlineSource{"x"}, "/x"});
    CHECK(ending(end) == "refused printer_refused");
    CHECK(contains(end.message, "access code"));
    CHECK(contains(end.message, "530"));
    CHECK_FALSE(contains(end.message, "11112222"));
}

TEST_CASE("an access code echoed by the server does not appear in a message") {
    OddPrinter printer;
    printer.server.behave({.login_refusal = "530 the password % of bblp is wrong"});
    const auto end = printer.run(ListFiles{});
    CHECK(ending(end) == "refused printer_refused");
    CHECK(contains(end.message, "the password *** of bblp is wrong"));
    CHECK_FALSE(contains(end.message, Files::access_code));
}

TEST_CASE("a foreign certificate on the data connection is refused and reported as such") {
    OddPrinter printer;
    printer.server.put("/x", "12345");
    const auto other = printer.pki().issue({.common_name = Files::serial}, "other");
    printer.server.show_on_data(other.certificate, other.key);
    for (const FileJob& job : {FileJob{DownloadFile{"/x", "x"}}, FileJob{ListFiles{}},
                               FileJob{UploadFile{InlineSource{"secret"}, "/y"}}}) {
        const auto end = printer.run(job);
        INFO(end.message);
        CHECK(ending(end) == "failed");
        CHECK(contains(end.message, "another certificate than the trusted one, on the data connection"));
        CHECK_FALSE(contains(end.message, "PASV"));
    }
    CHECK(printer.local_names().empty());
    CHECK(printer.server.file("/y").value_or("").empty());
}

TEST_CASE("a file whose size equals the access code is listed with that size") {
    OddPrinter printer;
    printer.server.put("/x", "12345");
    printer.server.behave({.size_off_by = 87654321 - 5});
    CHECK(printer.run(FileExists{"/x"}).data["size"] == 87654321);
}

TEST_CASE("no file service, no TLS, or no answer: a failure that names the address") {
    Files printer;
    printer.config.ftps_port = test_support::free_port();
    const auto refused = printer.run(ListFiles{});
    CHECK(ending(refused) == "failed");
    CHECK(contains(refused.message, "127.0.0.1:" + std::to_string(printer.config.ftps_port)));

    test_support::Mosquitto plain({.directory = printer.path("mosquitto")});
    printer.config.ftps_port = plain.port();
    CHECK(ending(printer.run(ListFiles{})) == "failed");
    printer.config.tls = TlsMode::insecure; // libcurl itself gets there
    CHECK(ending(printer.run(ListFiles{})) == "failed");

    const links_test::SilentServer silent;
    printer.config.ftps_port = silent.port();
    const auto begun = std::chrono::steady_clock::now();
    CHECK(ending(printer.run(ListFiles{})) == "failed");
    CHECK(std::chrono::steady_clock::now() - begun < timeout_factor * 10s);
}

} // namespace bambu2mqtt::files_test
