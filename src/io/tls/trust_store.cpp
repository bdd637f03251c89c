#include "io/disk/disk.hpp"
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <fmt/format.h>

#include <system_error>

namespace bambu2mqtt {

namespace fs = std::filesystem;

namespace {

[[nodiscard]] PinnedCertificate pinned(const PeerCertificate& certificate) {
    return {.pem = certificate.pem,
            .fingerprint = certificate.fingerprint,
            .common_name = certificate.common_name};
}

} // namespace

TrustStore::TrustStore(const fs::path& state_directory) : directory_(state_directory / "pins") {}

expected<std::optional<PinnedCertificate>, Error> TrustStore::load(std::string_view serial) {
    const MutexLock lock(mutex_);
    const fs::path path = file_of(serial);
    const auto content = read_small_file(path);
    if (!content) {
        return unexpected(content.error());
    }
    const auto& text = *content;
    if (!text) {
        return std::optional<PinnedCertificate>();
    }
    const expected<PeerCertificate, Error> certificate = parse_certificate(*text);
    if (!certificate) {
        const auto aside = set_aside(path);
        if (!aside) {
            return unexpected(aside.error());
        }
        return failure(
            Problem::malformed,
            fmt::format(
                "'{}' contains no certificate; it is set aside as '{}'. The certificate that the printer "
                "shows next at its configured host is trusted if it names the serial; without a "
                "configured host the command pin has to trust it",
                path.string(), aside->string()));
    }
    return std::optional(pinned(*certificate));
}

bool TrustStore::was_damaged(std::string_view serial) {
    const MutexLock lock(mutex_);
    const auto path = file_of(serial);
    std::error_code problem;
    return !fs::exists(path, problem) && fs::exists(path_aside(path), problem);
}

std::optional<PinnedCertificate> TrustStore::get(std::string_view serial) {
    const MutexLock lock(mutex_);
    const auto content = read_small_file(file_of(serial));
    if (!content || !*content) {
        return std::nullopt;
    }
    const auto certificate = parse_certificate(**content);
    return certificate ? std::optional(pinned(*certificate)) : std::nullopt;
}

expected<PinnedCertificate, Error> TrustStore::put(std::string_view serial, std::string_view pem,
                                                   Naming naming) {
    const expected<PeerCertificate, Error> certificate = parse_certificate(pem);
    if (!certificate) {
        return unexpected(certificate.error());
    }
    if (naming == Naming::serial && !names_serial(*certificate, serial)) {
        return failure(Problem::refused, not_for_serial(*certificate, serial));
    }
    const MutexLock lock(mutex_);
    if (auto replaced = replace_file(file_of(serial), certificate->pem); !replaced) {
        return unexpected(std::move(replaced).error());
    }
    return pinned(*certificate);
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
