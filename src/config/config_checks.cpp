#include "config/config_checks.hpp"

#include <bambu2mqtt/topic/printer_id.hpp>

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

    void folders(const std::vector<NamedPath>& named) {
        if (wrong("files.directory") || wrong("state_directory")) {
            return;
        }
        if (auto fault = fault_of_files_directory(loaded_.config, file_, named)) {
            problem("files.directory", std::move(*fault));
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
        const bool own_id = given(prefix + "id");
        if (!own_id) {
            printer.id = default_printer_id(printer.serial);
        }
        if (differs_from_earlier(index, &PrinterConfig::serial, "serial", "serial", "another one for each")) {
            differs_from_earlier(index, &PrinterConfig::id, "id", own_id ? "id" : "serial",
                                 own_id ? "another one for each" : proposed_id(index));
        }
    }

  private:
    /// Whether no earlier printer has this value too; else that is a problem. `expected` ends the message.
    bool differs_from_earlier(std::size_t index, std::string PrinterConfig::*member, std::string_view what,
                              std::string_view key, std::string_view expected) {
        const auto& printers = loaded_.config.printers;
        const std::string& own = printers[index].*member;
        const auto end = printers.begin() + static_cast<std::ptrdiff_t>(index);
        const auto same = own.empty() ? end : std::ranges::find(printers.begin(), end, own, member);
        if (same == end) {
            return true;
        }
        problem(fmt::format("printer[{}].{}", index + 1, key),
                fmt::format("found the {} \"{}\", which is the {} of printer[{}] too, expected {} printer",
                            what, own, what, same - printers.begin() + 1, expected));
        return false;
    }

    /// For a printer whose default id another one has already: six digits of the serial instead of four, or
    /// all of it where that is taken too.
    [[nodiscard]] std::string proposed_id(std::size_t index) const {
        const auto& printers = loaded_.config.printers;
        const auto& serial = printers[index].serial;
        constexpr std::size_t more_digits = 6;
        auto id = default_printer_id(serial, more_digits);
        if (std::ranges::find(printers, id, &PrinterConfig::id) != printers.end()) {
            id = default_printer_id(serial, serial.size());
        }
        return fmt::format("a key such as id = \"{}\" for this", id);
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

void check_together(LoadedConfig& loaded, const ConfigLines& lines, const std::filesystem::path& file,
                    const std::vector<NamedPath>& named) {
    TogetherCheck check{loaded, lines, file};
    check.broker();
    check.folders(named);
    for (std::size_t index = 0; index < loaded.config.printers.size(); ++index) {
        check.printer(index);
    }
}

} // namespace bambu2mqtt
