// Announcements of printers (SSDP): parsing of datagrams, and invalid ones.
#include <bambu2mqtt/printer/ssdp_announcement.hpp>

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace bambu2mqtt;

namespace {

/// As sent by a P1S.
const std::string whole = "NOTIFY * HTTP/1.1\r\n"
                          "HOST: 239.255.255.250:1900\r\n"
                          "Server: Buildroot/2018.02-rc3 UPnP/1.0 ssdpd/1.8\r\n"
                          "Location: 192.168.1.50\r\n"
                          "NT: urn:bambulab-com:device:3dprinter:1\r\n"
                          "NTS: ssdp:alive\r\n"
                          "USN: 01P00A000000001\r\n"
                          "Cache-Control: max-age=1800\r\n"
                          "DevModel.bambu.com: C12\r\n"
                          "DevName.bambu.com: Werkstatt Süd\r\n"
                          "DevSignal.bambu.com: -44\r\n"
                          "DevConnect.bambu.com: lan\r\n"
                          "DevBind.bambu.com: free\r\n"
                          "Devseclink.bambu.com: secure\r\n"
                          "DevVersion.bambu.com: 01.08.02.00\r\n"
                          "DevCap.bambu.com: 1\r\n"
                          "\r\n";

/// `whole` with one part replaced; the part must be there.
std::string with(const std::string& part, const std::string& replacement) {
    auto text = whole;
    const auto at = text.find(part);
    REQUIRE(at != std::string::npos);
    return text.replace(at, part.size(), replacement);
}

PrinterNotice read(const std::string& text) {
    const auto notice = parse_announcement(text);
    CAPTURE(text);
    REQUIRE(notice.has_value());
    return *notice;
}

} // namespace

TEST_SUITE("printer/ssdp_announcement") {
    TEST_CASE("a complete announcement") {
        const PrinterNotice expected{.serial = "01P00A000000001",
                                     .address = "192.168.1.50",
                                     .model_code = "C12",
                                     .model = Model::p1s,
                                     .name = "Werkstatt Süd",
                                     .firmware = "01.08.02.00",
                                     .connect = "lan",
                                     .bind = "free"};
        CHECK(read(whole) == expected);
    }

    TEST_CASE("headers in any case, order and spacing, with bare line feeds, and without an end") {
        const auto notice = read("notify * http/1.1\nusn:01p00a000000001  \nX-Unknown: a: b\nno header\n: \n"
                                 "nt : URN:BambuLab-com:device:3dprinter:1\nLOCATION:\t10.0.0.9");
        CHECK(notice.serial == "01P00A000000001");
        CHECK(notice.address == "10.0.0.9");
        CHECK(notice.model == Model::p1s); // by its serial
        CHECK(notice.model_code.empty());
        CHECK(notice.name.empty());
        CHECK(notice.firmware.empty());
        CHECK(notice.connect.empty());
    }

    TEST_CASE("of a repeated header the first is used") {
        CHECK(read(with("NTS: ssdp:alive", "Location: 192.168.1.66")).address == "192.168.1.50");
    }

    TEST_CASE("anything that is not a live printer's announcement is ignored") {
        CHECK_FALSE(parse_announcement(""));
        CHECK_FALSE(parse_announcement("\r\n\r\n"));
        CHECK_FALSE(parse_announcement(with("NOTIFY * HTTP/1.1", "M-SEARCH * HTTP/1.1")));
        CHECK_FALSE(parse_announcement(with("NOTIFY * HTTP/1.1", "HTTP/1.1 200 OK")));
        CHECK_FALSE(parse_announcement(with("ssdp:alive", "ssdp:byebye")));
        CHECK_FALSE(parse_announcement(with("urn:bambulab-com:device:3dprinter:1", "upnp:rootdevice")));
        CHECK_FALSE(parse_announcement(with("USN: 01P00A000000001\r\n", "")));
        CHECK_FALSE(parse_announcement(with("USN: 01P00A000000001", "USN: 01P")));
        CHECK_FALSE(parse_announcement(with("USN: 01P00A000000001", "USN: 01P00A00000 001")));
        CHECK_FALSE(parse_announcement(with("USN: 01P00A000000001", "USN: " + std::string(25, '1'))));
        CHECK_FALSE(parse_announcement(whole + std::string(longest_announcement, 'x')));
        // Without NT the model must be present.
        CHECK(parse_announcement(with("NT: urn:bambulab-com:device:3dprinter:1\r\n", "")));
        CHECK_FALSE(parse_announcement("NOTIFY * HTTP/1.1\r\nUSN: 01P00A000000001\r\n"));
    }

    TEST_CASE("an address that cannot belong to a single host is ignored") {
        for (const auto* const text :
             {"", "printer.local", "http://192.168.1.50/", "192.168.1", "192.168.1.50.1", "192.168.1.256",
              "192.168.1.-5", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.250", "255.255.255.255",
              "192.168.01.5", "1.2.3.4 ", "+1.2.3.4", "1..2.3", "::1", "99999999999999999999.1.1.1"}) {
            CAPTURE(text);
            CHECK_FALSE(host_address(text));
            CHECK(read(with("Location: 192.168.1.50", std::string{"Location: "} + text)).address ==
                  (std::string{text} == "1.2.3.4 " ? "1.2.3.4" : ""));
        }
        CHECK(host_address("10.0.0.255") == "10.0.0.255");
        CHECK(host_address("127.0.0.2") == "127.0.0.2");
        CHECK(host_address("223.255.255.254") == "223.255.255.254");
    }

    TEST_CASE("names fit on one terminal line, and are limited") {
        const auto name = [](const std::string& text) { return read(with("Werkstatt Süd", text)).name; };
        CHECK(name("a\x1b[31mb\x07") == "a?[31mb?");
        CHECK(name("a\xff\xc3") == "a??");
        CHECK(name("\xc0\xaf\xed\xa0\x80") == "?????"); // overlong, surrogate
        CHECK(name("\xc2\x9b") == "?");                 // a control character of its own
        CHECK(name("日本") == "日本");
        CHECK(name(std::string(200, 'x')) == std::string(64, 'x'));
        CHECK(name(std::string(63, 'x') + "ü") == std::string(63, 'x')); // not half a character
        CHECK(read(with("DevBind.bambu.com: free", "DevBind.bambu.com: \"; x")).bind.empty());
        CHECK(read(with("01.08.02.00", std::string(33, '1'))).firmware.empty());
    }

    TEST_CASE("every model has its code") {
        const std::pair<const char*, Model> codes[]{{"BL-P001", Model::x1c},
                                                    {"BL-P002", Model::x1},
                                                    {"C13", Model::x1e},
                                                    {"C11", Model::p1p},
                                                    {"C12", Model::p1s},
                                                    {"N1", Model::a1mini},
                                                    {"N2S", Model::a1},
                                                    {"N7", Model::p2s},
                                                    {"O1S", Model::h2s},
                                                    {"O1D", Model::h2d},
                                                    {"O1E", Model::h2dpro},
                                                    {"O2D", Model::h2dpro},
                                                    {"O1C", Model::h2c},
                                                    {"O1C2", Model::h2c},
                                                    {"N6", Model::x2d},
                                                    {"N9", Model::a2l},
                                                    {"3DPrinter-X1-Carbon", Model::x1c},
                                                    {"n2s", Model::a1},
                                                    {"Q7", Model::unknown},
                                                    {"", Model::unknown}};
        for (const auto& row : codes) {
            CAPTURE(row.first);
            CHECK(model_of_code(row.first) == row.second);
        }
        // With an unknown code the serial determines the model.
        const auto notice = read(with("C12", "Q7"));
        CHECK(notice.model == Model::p1s);
        CHECK(notice.model_code == "Q7");
    }

    TEST_CASE("damaged announcements do no harm") {
        std::minstd_rand random{7};
        std::size_t taken = 0;
        for (int i = 0; i < 20'000; ++i) {
            auto text = whole.substr(0, random() % (whole.size() + 1));
            for (auto flips = random() % 8; !text.empty() && flips > 0; --flips) {
                text[random() % text.size()] = static_cast<char>(random());
            }
            if (const auto notice = parse_announcement(text)) {
                ++taken;
                CHECK(notice->serial.size() >= 8);
                CHECK(notice->name.size() <= 64);
                CHECK((notice->address.empty() || host_address(notice->address)));
            }
        }
        CHECK(taken > 100);
    }
}
