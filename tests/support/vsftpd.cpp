#include "support/vsftpd.hpp"

#include "support/eventually.hpp"
#include "support/files.hpp"
#include "support/ports.hpp"

#include <unistd.h>

#include <stdexcept>

namespace bambu2mqtt::test_support {
namespace {

namespace fs = std::filesystem;

constexpr const char* program = "/usr/sbin/vsftpd"; // Debian's path; not in every user's PATH

[[nodiscard]] bool is_root() {
    return ::geteuid() == 0;
}

/// True if a command succeeds; its output is dropped.
[[nodiscard]] bool works(std::vector<std::string> command) {
    try {
        Process process{{.arguments = std::move(command)}};
        return process.wait(test_timeout) == 0;
    } catch (const std::system_error&) {
        return false;
    }
}

/// The prefix that runs a program in its own namespaces; empty where none are needed.
[[nodiscard]] std::vector<std::string> namespaces(bool mounts) {
    if (is_root())
        return mounts ? std::vector<std::string>{"unshare", "--mount"} : std::vector<std::string>{};
    return {"unshare", "--map-root-user", mounts ? "--mount" : "--user"};
}

[[nodiscard]] std::string protocol_bounds(ServerTls tls) {
    switch (tls) {
    case ServerTls::only_1_2:
        return "MinProtocol = TLSv1.2\nMaxProtocol = TLSv1.2\n";
    case ServerTls::only_1_3:
        return "MinProtocol = TLSv1.3\nMaxProtocol = TLSv1.3\n";
    case ServerTls::both:
        break;
    }
    return "MinProtocol = TLSv1.2\n";
}

} // namespace

bool Vsftpd::available(bool with_space) {
    if (::access(program, X_OK) != 0)
        return false;
    auto probe = namespaces(with_space);
    if (probe.empty())
        return true;
    if (with_space)
        probe.insert(probe.end(), {"mount", "-t", "tmpfs", "none", "/mnt"});
    else
        probe.emplace_back("true");
    return works(std::move(probe));
}

Vsftpd::Vsftpd(VsftpdOptions options) : options_{std::move(options)} {
    fs::create_directories(path("storage"));
    if (options_.port == 0)
        options_.port = free_port();
    start();
}

fs::path Vsftpd::storage() const {
    const auto inside = fs::absolute(path("storage"));
    return options_.space == 0 || !process_
               ? inside
               : fs::path{"/proc"} / std::to_string(process_->pid()) / "root" / inside.relative_path();
}

pid_t Vsftpd::pid() const {
    return process_ ? process_->pid() : -1;
}

void Vsftpd::write_configuration() const {
    const auto setting = [](const char* key, const std::string& value) { return key + ("=" + value) + "\n"; };
    std::string text = "listen=YES\nlisten_address=127.0.0.1\nbackground=NO\n"
                       "anonymous_enable=NO\nlocal_enable=YES\nwrite_enable=YES\nlocal_umask=022\n"
                       "check_shell=NO\nchroot_local_user=YES\nallow_writeable_chroot=YES\n"
                       "ssl_enable=YES\nimplicit_ssl=YES\nallow_anon_ssl=NO\n"
                       "force_local_logins_ssl=YES\nforce_local_data_ssl=YES\nrequire_ssl_reuse=YES\n"
                       "ssl_tlsv1=NO\nssl_sslv2=NO\nssl_sslv3=NO\nssl_ciphers=HIGH\n"
                       "seccomp_sandbox=NO\n"           // it kills system calls that current libraries make
                       "secure_chroot_dir=/usr/share\n" // any folder that is not writable
                       "xferlog_enable=YES\nlog_ftp_protocol=YES\ndebug_ssl=YES\n";
    text += setting("listen_port", std::to_string(options_.port));
    text += setting("nopriv_user", is_root() ? "nobody" : options_.username);
    text += setting("local_root", fs::absolute(path("storage")));
    text += setting("rsa_cert_file", fs::absolute(path("identity.pem")));
    text += setting("vsftpd_log_file", fs::absolute(path("vsftpd.log")));
    for (const auto& line : options_.more_lines)
        text += line + "\n";
    write_file(path("vsftpd.conf"), text);
    write_file(path("identity.pem"), read_file(options_.certificate) + read_file(options_.key));
    write_file(path("openssl.cnf"), "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\n"
                                    "system_default = bounds\n[bounds]\n" +
                                        protocol_bounds(options_.tls));
}

/// It prints errors to descriptor 0, which is a client elsewhere and a file here.
std::vector<std::string> Vsftpd::command() const {
    auto words = namespaces(options_.space > 0);
    std::string script;
    if (options_.space > 0)
        script = "mount -t tmpfs -o size=" + std::to_string(options_.space) + " none \"$3\" && ";
    script += "LD_PRELOAD=" BAMBU2MQTT_VSFTPD_LOGIN " exec \"$0\" \"$1\" 0<>\"$2\"";
    words.insert(words.end(), {"sh", "-c", script, program, fs::absolute(path("vsftpd.conf")),
                               fs::absolute(path("complaints")), fs::absolute(path("storage"))});
    return words;
}

void Vsftpd::start() {
    write_configuration();
    write_file(path("complaints"), "");
    process_ = std::make_unique<Process>(
        ProcessOptions{.arguments = command(),
                       .output = path("output"),
                       .environment = {{"BAMBU2MQTT_FTP_USER", options_.username},
                                       {"BAMBU2MQTT_FTP_PASSWORD", options_.access_code},
                                       {"BAMBU2MQTT_FTP_HOME", fs::absolute(path("storage"))},
                                       {"OPENSSL_CONF", fs::absolute(path("openssl.cnf"))}}});
    const bool listening = eventually(
        test_timeout, [this] { return !process_->running() || accepts_connections(options_.port); });
    if (!listening || !process_->running()) {
        process_.reset();
        throw std::runtime_error{"vsftpd did not start: " + read_file(path("output")) +
                                 read_file(path("complaints"))};
    }
}

void Vsftpd::stop() {
    process_.reset();
}

void Vsftpd::use_certificate(const fs::path& certificate, const fs::path& key) {
    stop();
    options_.certificate = certificate;
    options_.key = key;
    start();
}

void Vsftpd::use_access_code(const std::string& code) {
    stop();
    options_.access_code = code;
    start();
}

std::string Vsftpd::log() const {
    return read_file(path("vsftpd.log"));
}

} // namespace bambu2mqtt::test_support
