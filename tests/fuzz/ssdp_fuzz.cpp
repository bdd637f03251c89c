// Arbitrary bytes as a datagram on the SSDP port: what is accepted is limited, fits on one log line, and
// survives a round trip.
#include <bambu2mqtt/io/ssdp/ssdp_sockets.hpp>
#include <bambu2mqtt/printer/ssdp_announcement.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace bambu2mqtt;

void expect(bool fine) {
    if (!fine) {
        std::abort();
    }
}

bool is_one_line(std::string_view text) {
    return std::ranges::none_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

void check(const PrinterNotice& notice) {
    expect(notice.serial.size() >= 8 && notice.serial.size() <= 24);
    expect(notice.address.empty() || host_address(notice.address) == notice.address);
    expect(notice.name.size() <= 64);
    for (const auto* const word : {&notice.model_code, &notice.firmware, &notice.connect, &notice.bind}) {
        expect(word->size() <= 32 && is_one_line(*word));
    }
    expect(is_one_line(notice.serial) && is_one_line(notice.name));
    const auto again = parse_announcement(
        "NOTIFY * HTTP/1.1\r\nNT: urn:bambulab-com:device:3dprinter:1\r\nUSN: " + notice.serial +
        "\r\nLocation: " + notice.address + "\r\nDevModel.bambu.com: " + notice.model_code +
        "\r\nDevVersion.bambu.com: " + notice.firmware + "\r\nDevConnect.bambu.com: " + notice.connect +
        "\r\nDevBind.bambu.com: " + notice.bind + "\r\n\r\n");
    expect(again && again->serial == notice.serial && again->address == notice.address &&
           again->model == notice.model && again->firmware == notice.firmware &&
           again->connect == notice.connect && again->bind == notice.bind);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The bytes are only read as characters, which may alias anything.
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto notice = parse_announcement(text)) {
        check(*notice);
    }
    static_cast<void>(parse_ssdp_endpoints(text.substr(0, 100)));
    return 0;
}
