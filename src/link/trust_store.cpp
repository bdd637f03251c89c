#include <bambu2mqtt/link/disk.hpp>
#include <bambu2mqtt/link/trust_store.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

namespace fs = std::filesystem;

TrustStore::TrustStore(const fs::path& state_directory) : directory_(state_directory / "pins") {}

Result<std::optional<PinnedCertificate>> TrustStore::load(std::string_view serial) {
    const std::lock_guard lock(mutex_);
    const fs::path path = file_of(serial);
    const auto content = read_small_file(path);
    if (!content) {
        return content.error();
    }
    const auto& text = *content;
    if (!text) {
        return std::optional<PinnedCertificate>();
    }
    const Result<PeerCertificate> certificate = parse_certificate(*text);
    if (!certificate) {
        const auto aside = set_aside(path);
        if (!aside) {
            return aside.error();
        }
        return Error{
            Problem::malformed,
            fmt::format("'{}' holds no certificate; it is set aside as '{}', and the certificate the printer "
                        "shows next is trusted if it names the serial",
                        path.string(), aside->string())};
    }
    return std::optional<PinnedCertificate>({certificate->pem, certificate->fingerprint});
}

std::optional<PinnedCertificate> TrustStore::get(std::string_view serial) {
    Result<std::optional<PinnedCertificate>> pin = load(serial);
    return pin ? *std::move(pin) : std::nullopt;
}

Result<PinnedCertificate> TrustStore::put(std::string_view serial, std::string_view pem) {
    const Result<PeerCertificate> certificate = parse_certificate(pem);
    if (!certificate) {
        return certificate.error();
    }
    const std::lock_guard lock(mutex_);
    if (std::optional<Error> failure = replace_file(file_of(serial), certificate->pem)) {
        return *std::move(failure);
    }
    return PinnedCertificate{certificate->pem, certificate->fingerprint};
}

fs::path TrustStore::file_of(std::string_view serial) const {
    std::string name;
    for (const char c : serial) {
        const bool plain =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
        name += plain ? c : '_';
    }
    return directory_ / (name + ".pem");
}

} // namespace bambu2mqtt
