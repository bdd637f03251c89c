#include <bambu2mqtt/app/config_checks.hpp>
#include <bambu2mqtt/core/letters.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace bambu2mqtt {

namespace {

/// The texts of problems and warnings of one run, with the lines they belong to.
class TogetherCheck {
  public:
    TogetherCheck(LoadedConfig& loaded, const ConfigLines& lines, const std::filesystem::path& file)
        : loaded_(loaded), lines_(lines), file_(file) {}

    void broker() {
        loaded_.config.broker.largest_packet = packet_bound(loaded_.config.files.inline_limit);
        needs("broker.cert_file", "broker.key_file");
        needs("broker.key_file", "broker.cert_file");
        for (const char* const key : {"broker.ca_file", "broker.cert_file", "broker.key_file"}) {
            if (given(key) && !loaded_.config.broker.tls && !wrong("broker.url")) {
                loaded_.warnings.push_back(
                    at(key, "has no effect with mqtt://, expected broker.url to begin with mqtts://"));
            }
        }
    }

    void printer(std::size_t index) {
        auto& printer = loaded_.config.printers[index];
        const std::string prefix = fmt::format("printer[{}].", index + 1);
        if (printer.tls == TlsMode::ca && !given(prefix + "ca_file")) {
            problem(prefix + "tls",
                    fmt::format("found \"ca\" without a certificate, expected {}ca_file too", prefix));
        }
        if (printer.tls != TlsMode::ca && given(prefix + "ca_file") && !wrong(prefix + "tls")) {
            loaded_.warnings.push_back(
                at(prefix + "ca_file", fmt::format("has no effect, expected {}tls = \"ca\" too", prefix)));
        }
        if (printer.host.empty() && !follows_announcements(printer) && !wrong(prefix + "host")) {
            problem(prefix + "tls",
                    fmt::format("found \"insecure\" without {}host, expected both: nothing else would tell "
                                "the printer from one who announces its serial",
                                prefix));
        }
        if (!given(prefix + "id")) {
            printer.id = lower(printer.serial);
        }
        differs_from_earlier(index, &PrinterConfig::serial, "serial", "serial");
        differs_from_earlier(index, &PrinterConfig::id, "id", given(prefix + "id") ? "id" : "serial");
    }

  private:
    /// Two printers with one serial have one default id, which is not worth a second message.
    void differs_from_earlier(std::size_t index, std::string PrinterConfig::*member, std::string_view what,
                              std::string_view key) {
        const auto& printers = loaded_.config.printers;
        const std::string& own = printers[index].*member;
        for (std::size_t earlier = 0; earlier < index && !own.empty(); ++earlier) {
            const bool same_serial = printers[earlier].serial == printers[index].serial;
            if (printers[earlier].*member != own || (what == "id" && key == "serial" && same_serial)) {
                continue;
            }
            problem(fmt::format("printer[{}].{}", index + 1, key),
                    fmt::format(
                        "found the {} \"{}\", which is the {} of printer[{}] too, expected another one for "
                        "each printer",
                        what, own, what, earlier + 1));
            return;
        }
    }

    [[nodiscard]] bool given(std::string_view key) const { return lines_.contains(key); }

    [[nodiscard]] bool wrong(std::string_view key) const {
        return std::ranges::any_of(loaded_.problems,
                                   [key](const ConfigProblem& known) { return known.key == key; });
    }

    [[nodiscard]] ConfigProblem at(std::string_view key, std::string text) const {
        const auto line = lines_.find(key);
        return {.file = file_,
                .line = line == lines_.end() ? 0 : line->second,
                .key = std::string{key},
                .text = std::move(text)};
    }

    void problem(std::string_view key, std::string text) {
        loaded_.problems.push_back(at(key, std::move(text)));
    }

    void needs(std::string_view key, std::string_view other) {
        if (given(key) && !given(other)) {
            problem(key, fmt::format("found without {}, expected both or none", other));
        }
    }

    LoadedConfig& loaded_;
    const ConfigLines& lines_;
    const std::filesystem::path& file_;
};

} // namespace

void check_together(LoadedConfig& loaded, const ConfigLines& lines, const std::filesystem::path& file) {
    TogetherCheck check{loaded, lines, file};
    check.broker();
    for (std::size_t index = 0; index < loaded.config.printers.size(); ++index) {
        check.printer(index);
    }
}

} // namespace bambu2mqtt
