#include "support/pki.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <span>
#include <stdexcept>

namespace bambu2mqtt::test_support {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

    void operator()(X509* certificate) const { X509_free(certificate); }

    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }

    void operator()(std::FILE* file) const { std::fclose(file); }
};

using Key = std::unique_ptr<EVP_PKEY, Free>;
using Leaf = std::unique_ptr<X509, Free>;
using File = std::unique_ptr<std::FILE, Free>;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error{what + ": " + ERR_error_string(ERR_get_error(), nullptr)};
}

void check(bool fine, const std::string& what) {
    if (!fine)
        fail(what);
}

Key make_key(KeyKind kind) {
    Key key{kind == KeyKind::rsa_2048 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
                                      : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
    check(key != nullptr, "making a key");
    return key;
}

void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free> extension{
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    check(extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1, "extension " + value);
}

Leaf make_certificate(const CertificateOptions& options, EVP_PKEY& key) {
    Leaf certificate{X509_new()};
    X509_set_version(certificate.get(), options.version_1 ? X509_VERSION_1 : X509_VERSION_3);
    std::array<unsigned char, 8> serial{};
    check(RAND_bytes(serial.data(), int{serial.size()}) == 1, "random serial number");
    std::uint64_t number = 0;
    for (const auto byte : serial)
        number = number << 8U | byte;
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), number >> 1U);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.valid_from.count());
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.valid_until.count());
    X509_set_pubkey(certificate.get(), &key);
    const auto* name = reinterpret_cast<const unsigned char*>(options.common_name.c_str());
    auto* const subject = X509_get_subject_name(certificate.get());
    // A name that is not valid UTF-8 is stored as Latin-1.
    check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1 ||
              X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1,
          "common name " + options.common_name);
    return certificate;
}

std::string fingerprint(const X509& certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    check(X509_digest(&certificate, EVP_sha256(), digest.data(), &size) == 1, "fingerprint");
    std::string text;
    for (const auto byte : std::span{digest}.first(size)) {
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 15U];
    }
    return text;
}

File open_for_writing(const std::filesystem::path& path) {
    File file{std::fopen(path.c_str(), "w")};
    if (!file)
        throw std::runtime_error{"could not write " + path.string()};
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return file;
}

std::string base64(std::span<const unsigned char> bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

} // namespace

struct Pki::Authority {
    Key key;
    Leaf certificate;
};

Pki::Pki(std::filesystem::path directory, const std::string& name)
    : directory_{std::move(directory)}, ca_file_{directory_ / "ca.pem"}, authority_{
                                                                             std::make_unique<Authority>()} {
    std::filesystem::create_directories(directory_);
    authority_->key = make_key(KeyKind::ec_p256);
    authority_->certificate = make_certificate({.common_name = name}, *authority_->key);
    X509& ca = *authority_->certificate;
    X509_set_issuer_name(&ca, X509_get_subject_name(&ca));
    add_extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(ca, ca, NID_subject_key_identifier, "hash");
    check(X509_sign(&ca, authority_->key.get(), EVP_sha256()) > 0, "signing " + name);
    const File file = open_for_writing(ca_file_);
    check(PEM_write_X509(file.get(), &ca) == 1, "writing " + ca_file_.string());
}

Pki::~Pki() = default;

Certificate Pki::issue(const CertificateOptions& options, const std::string& file_name) {
    const Key key = make_key(options.key);
    const Leaf leaf = make_certificate(options, *key);
    X509& ca = *authority_->certificate;
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(&ca));
    if (!options.version_1) {
        add_extension(*leaf, ca, NID_basic_constraints, "CA:FALSE");
        add_extension(*leaf, ca, NID_authority_key_identifier, "keyid");
    }
    std::string names;
    for (const auto& name : options.alternative_names)
        names += (names.empty() ? "" : ",") + name;
    if (!names.empty())
        add_extension(*leaf, ca, NID_subject_alt_name, names);
    check(X509_sign(leaf.get(), authority_->key.get(), EVP_sha256()) > 0, "signing " + options.common_name);

    const Certificate result{.certificate = directory_ / (file_name + ".pem"),
                             .key = directory_ / (file_name + ".key"),
                             .sha256 = fingerprint(*leaf)};
    const File certificate_file = open_for_writing(result.certificate);
    const File key_file = open_for_writing(result.key);
    check(PEM_write_X509(certificate_file.get(), leaf.get()) == 1 &&
              PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "writing the certificate of " + options.common_name);
    return result;
}

std::string with_colons(const std::string& hexadecimal) {
    std::string text;
    for (std::size_t i = 0; i < hexadecimal.size(); ++i) {
        const char digit = hexadecimal[i];
        text += i > 0 && i % 2 == 0 ? ":" : "";
        text += digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
    }
    return text;
}

std::string password_entry(const std::string& user, const std::string& password) {
    constexpr int rounds = 101;
    std::array<unsigned char, 12> salt{};
    std::array<unsigned char, 64> hash{};
    check(RAND_bytes(salt.data(), int{salt.size()}) == 1 &&
              PKCS5_PBKDF2_HMAC(password.c_str(), static_cast<int>(password.size()), salt.data(),
                                int{salt.size()}, rounds, EVP_sha512(), int{hash.size()}, hash.data()) == 1,
          "hashing a password");
    return user + ":$7$" + std::to_string(rounds) + "$" + base64(salt) + "$" + base64(hash);
}

} // namespace bambu2mqtt::test_support
