#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/io/tls/certificate.hpp>

#include <climits>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <cstddef>
#include <ctime>
#include <memory>

namespace bambu2mqtt {

namespace {

struct FreeBio {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

struct FreeCertificate {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

using BioOwner = std::unique_ptr<BIO, FreeBio>;

[[nodiscard]] std::string content_of(BIO& memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&memory, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

[[nodiscard]] std::string to_pem(X509& certificate) {
    const BioOwner memory(BIO_new(BIO_s_mem()));
    if (memory == nullptr || PEM_write_bio_X509(memory.get(), &certificate) != 1) {
        return {};
    }
    return content_of(*memory);
}

[[nodiscard]] std::string fingerprint_of(const X509& certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) {
        return {};
    }
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        if (i > 0) {
            text += ':';
        }
        text += digits[digest[i] >> 4U];
        text += digits[digest[i] & 0x0FU];
    }
    return text;
}

/// Not X509_NAME_get_text_by_NID, which ends at a NUL byte: "SERIAL\0.example" must not be accepted as
/// "SERIAL".
[[nodiscard]] std::string last_common_name(const X509& certificate) {
    const X509_NAME* subject = X509_get_subject_name(&certificate);
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
        last = at;
    }
    if (last < 0) {
        return {};
    }
    const ASN1_STRING* name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last));
    const unsigned char* first = ASN1_STRING_get0_data(name);
    return {first, first + ASN1_STRING_length(name)};
}

[[nodiscard]] std::string issuer_of(const X509& certificate) {
    const BioOwner memory(BIO_new(BIO_s_mem()));
    const X509_NAME* issuer = X509_get_issuer_name(&certificate);
    if (memory == nullptr || X509_NAME_print_ex(memory.get(), issuer, 0, XN_FLAG_RFC2253) < 0) {
        return {};
    }
    return content_of(*memory);
}

[[nodiscard]] WallTime to_wall_time(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        return {};
    }
    return WallTime(std::chrono::seconds(timegm(&parts)));
}

} // namespace

std::string printable_name(std::string_view text) {
    constexpr std::size_t longest = 128;
    return printable(text, longest, {.ascii_only = true});
}

expected<PeerCertificate, Error> describe_certificate(x509_st& certificate) {
    const ASN1_TIME* not_before = X509_get0_notBefore(&certificate);
    const ASN1_TIME* not_after = X509_get0_notAfter(&certificate);
    PeerCertificate peer{.pem = to_pem(certificate),
                         .fingerprint = fingerprint_of(certificate),
                         .common_name = last_common_name(certificate),
                         .issuer = issuer_of(certificate),
                         .not_before = to_wall_time(not_before),
                         .not_after = to_wall_time(not_after),
                         .in_time =
                             X509_cmp_current_time(not_before) < 0 && X509_cmp_current_time(not_after) > 0,
                         .too_early = X509_cmp_current_time(not_before) > 0};
    if (peer.pem.empty() || peer.fingerprint.empty()) {
        return failure(Problem::malformed, "a certificate that cannot be encoded");
    }
    return peer;
}

void set_chain_verdict(PeerCertificate& peer, const std::string& authorities_problem, long verdict) {
    if (!authorities_problem.empty()) {
        peer.verify_text = authorities_problem;
        return;
    }
    peer.verified = verdict == X509_V_OK;
    if (!peer.verified) {
        peer.verify_text = X509_verify_cert_error_string(verdict);
    }
    if (verdict == X509_V_ERR_CERT_NOT_YET_VALID || verdict == X509_V_ERR_CERT_HAS_EXPIRED) {
        peer.chain_untimely = true;
        peer.in_time = false;
        peer.too_early = verdict == X509_V_ERR_CERT_NOT_YET_VALID;
    }
}

expected<PeerCertificate, Error> parse_certificate(std::string_view pem) {
    const BioOwner memory(pem.size() < INT_MAX ? BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))
                                               : nullptr);
    const std::unique_ptr<X509, FreeCertificate> certificate(
        memory == nullptr ? nullptr : PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) {
        return failure(Problem::malformed, "expected a certificate in PEM form");
    }
    return describe_certificate(*certificate);
}

} // namespace bambu2mqtt
