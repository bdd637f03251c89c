#include "support/odd_ftps.hpp"

#include "support/tls_stream.hpp"

#include <openssl/ssl.h>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

namespace bambu2mqtt::test_support {
namespace {

constexpr std::size_t piece = 16UL * 1024;

} // namespace

struct OddFtps::Tls {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());

    ~Tls() { SSL_CTX_free(context); }

    void use(const std::filesystem::path& certificate, const std::filesystem::path& key) const {
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
        if (SSL_CTX_use_certificate_file(context, certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
            throw std::runtime_error{"no certificate for an FTPS server"};
    }
};

struct OddFtps::Running {
    std::vector<std::thread> threads;
    std::thread accepting;
};

/// One client, from greeting to QUIT.
class OddFtps::Connection {
  public:
    Connection(OddFtps& server, int descriptor)
        : server_{server}, control_{descriptor, server.tls_->context, server.stopping_} {}

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    ~Connection() { close_listener(); }

    void serve() {
        if (!control_.accept() || !control_.write("220 odd server\r\n"))
            return;
        while (const auto line = next_line()) {
            const auto blank = std::min(line->find(' '), line->size());
            const std::string verb = line->substr(0, blank);
            argument_ = blank < line->size() ? line->substr(blank + 1) : "";
            remember(verb);
            if (!answer(verb))
                return;
        }
    }

  private:
    [[nodiscard]] std::optional<std::string> next_line() {
        while (received_.find('\n') == std::string::npos) {
            std::array<char, 1024> bytes{};
            const auto count = control_.read(bytes.data(), bytes.size());
            if (count == 0)
                return std::nullopt;
            received_.append(bytes.data(), count);
        }
        const auto end = received_.find('\n');
        std::string line = received_.substr(0, end);
        received_.erase(0, end + 1);
        if (line.ends_with('\r'))
            line.pop_back();
        return line;
    }

    void remember(const std::string& verb) {
        const std::lock_guard lock{server_.mutex_};
        server_.commands_.push_back(verb == "PASS" ? verb : verb + " " + argument_);
        odd_ = server_.oddities_;
    }

    bool say(const std::string& line) { return control_.write(line + "\r\n"); }

    bool answer(const std::string& verb) {
        if (const auto refusal = odd_.refusals.find(verb); refusal != odd_.refusals.end())
            return say(refusal->second);
        using Handler = bool (Connection::*)();
        static const std::map<std::string, Handler> handlers{
            {"PASS", &Connection::log_in},    {"EPSV", &Connection::extended_passive},
            {"PASV", &Connection::passive},   {"LIST", &Connection::list},
            {"SIZE", &Connection::size},      {"RETR", &Connection::retrieve},
            {"STOR", &Connection::store},     {"CWD", &Connection::enter},
            {"MKD", &Connection::make},       {"DELE", &Connection::remove},
            {"RMD", &Connection::remove_dir}, {"RNFR", &Connection::rename_from},
            {"RNTO", &Connection::rename_to}};
        static const std::map<std::string, std::string> plain{
            {"USER", "331 Password?"}, {"PBSZ", "200 PBSZ 0"}, {"PROT", "200 PROT P"}, {"TYPE", "200 Type"},
            {"PWD", "257 \"/\""},      {"REST", "350 Rest"},   {"OPTS", "200 OK"}};
        if (const auto handler = handlers.find(verb); handler != handlers.end())
            return (this->*handler->second)();
        if (const auto words = plain.find(verb); words != plain.end())
            return say(words->second);
        if (verb == "QUIT") {
            static_cast<void>(say("221 Goodbye."));
            return false;
        }
        return say("500 Unknown command.");
    }

    bool log_in() {
        if (odd_.login_refusal) {
            auto words = *odd_.login_refusal;
            if (const auto at = words.find('%'); at != std::string::npos)
                words.replace(at, 1, argument_);
            return say(words);
        }
        return say(argument_ == server_.access_code_ ? "230 Login successful." : "530 Login incorrect.");
    }

    void open_listener() {
        close_listener();
        listener_ = listen_anywhere(data_port_);
    }

    void close_listener() {
        if (listener_ >= 0)
            ::close(listener_);
        listener_ = -1;
    }

    bool extended_passive() {
        if (odd_.foreign_pasv)
            return say("500 Unknown command.");
        open_listener();
        return say("229 Entering Extended Passive Mode (|||" + std::to_string(data_port_) + "|)");
    }

    bool passive() {
        open_listener();
        return say("227 Entering Passive Mode (" + std::string{odd_.foreign_pasv ? "10,1,2,3" : "127,0,0,1"} +
                   "," + std::to_string(data_port_ / 256) + "," + std::to_string(data_port_ % 256) + ")");
    }

    /// The data connection; none when the client is gone or is to be left waiting.
    [[nodiscard]] std::unique_ptr<TlsStream> open_data() {
        const int descriptor = accept_one(listener_, server_.stopping_);
        close_listener();
        if (descriptor < 0)
            return nullptr;
        const Tls& tls = server_.data_tls_ ? *server_.data_tls_ : *server_.tls_;
        auto data = std::make_unique<TlsStream>(descriptor, tls.context, server_.stopping_);
        while (odd_.silent_data && !server_.stopping_)
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        return data->accept() ? std::move(data) : nullptr;
    }

    /// Sends it, or as much as configured; false when it was cut.
    bool send(TlsStream& data, std::string_view content, std::size_t most) {
        const auto all = content.size();
        content = content.substr(0, most);
        while (!content.empty()) {
            if (!data.write(content.substr(0, piece)))
                return false;
            content.remove_prefix(std::min(piece, content.size()));
            std::this_thread::sleep_for(odd_.slow);
        }
        return most >= all;
    }

    void end(TlsStream& data, bool cut) const {
        if (cut && odd_.cut == Cut::rudely)
            data.reset();
        else
            data.end();
    }

    bool list() {
        std::string rows;
        {
            const std::lock_guard lock{server_.mutex_};
            const std::string folder = argument_.ends_with('/') ? argument_ : argument_ + "/";
            for (const auto& [path, content] : server_.files_) {
                const auto name = path.starts_with(folder) ? path.substr(folder.size()) : "";
                const auto slash = name.find('/');
                if (name.empty() || (slash != std::string::npos && slash + 1 != name.size()))
                    continue;
                const bool is_folder = slash != std::string::npos;
                rows += std::string{is_folder ? "drwxr-xr-x" : "-rw-r--r--"} + " 1 0 0 " +
                        std::to_string(content->size()) + " Jan  1 2026 " + name.substr(0, slash) + "\r\n";
            }
        }
        if (!say("150 Here it comes."))
            return false;
        if (const auto data = open_data()) {
            static_cast<void>(send(*data, rows, odd_.cut_list_after));
            data->end();
        }
        return say("226 Directory send OK.");
    }

    [[nodiscard]] std::optional<std::string> content() const { return server_.file(argument_); }

    bool size() {
        const auto found = content();
        if (!found)
            return say("550 Could not get file size.");
        return say("213 " + std::to_string(static_cast<std::int64_t>(found->size()) + odd_.size_off_by));
    }

    bool retrieve() {
        const auto found = content();
        if (!found)
            return say("550 Failed to open file.");
        if (!say("150 Opening data connection."))
            return false;
        bool whole = false;
        if (const auto data = open_data()) {
            whole = send(*data, *found, odd_.cut_after.value_or(std::string::npos));
            end(*data, !whole);
        }
        if (!whole && odd_.cut == Cut::rudely)
            control_.reset();
        return (whole || odd_.cut == Cut::politely) && say("226 Transfer complete.");
    }

    bool store() {
        if (!say("150 Ok to send data."))
            return false;
        const auto content = std::make_shared<std::string>();
        {
            const std::lock_guard lock{server_.mutex_};
            server_.files_[argument_] = content;
        }
        std::size_t size = 0;
        bool cut = false;
        if (const auto data = open_data()) {
            const auto most = odd_.cut_after.value_or(std::string::npos);
            std::array<char, piece> bytes{};
            while (!cut) {
                const auto count = data->read(bytes.data(), std::min(bytes.size(), most - size));
                if (count == 0)
                    break;
                {
                    const std::lock_guard lock{server_.mutex_};
                    content->append(bytes.data(), count);
                }
                size += count;
                cut = size >= most;
                std::this_thread::sleep_for(odd_.slow);
            }
            end(*data, cut);
        }
        if (cut && odd_.cut == Cut::rudely) {
            control_.reset();
            return false;
        }
        const auto answer_at = std::chrono::steady_clock::now() + odd_.answer_after;
        while (std::chrono::steady_clock::now() < answer_at && !server_.stopping_)
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        return odd_.after_upload.empty() || say(odd_.after_upload);
    }

    [[nodiscard]] bool is_folder(const std::string& path) const {
        const std::lock_guard lock{server_.mutex_};
        return path == "/" || server_.files_.contains(path + "/");
    }

    bool enter() { return say(is_folder(argument_) ? "250 Changed." : "550 Failed to change directory."); }

    bool make() {
        if (is_folder(argument_) || content())
            return say("550 Create directory operation failed.");
        server_.put_folder(argument_);
        return say("257 \"" + argument_ + "\" created");
    }

    bool remove() {
        const std::lock_guard lock{server_.mutex_};
        return say(server_.files_.erase(argument_) > 0 ? "250 Delete operation successful."
                                                       : "550 Delete operation failed.");
    }

    bool remove_dir() {
        const std::lock_guard lock{server_.mutex_};
        return say(server_.files_.erase(argument_ + "/") > 0 ? "250 Removed." : "550 Remove failed.");
    }

    bool rename_from() {
        from_ = argument_;
        return say(content() ? "350 Ready for RNTO." : "550 RNFR command failed.");
    }

    bool rename_to() {
        const auto moved = server_.file(from_);
        if (!moved || (odd_.keeps_existing && content()))
            return say("550 Rename failed.");
        const std::lock_guard lock{server_.mutex_};
        server_.files_.erase(from_);
        server_.files_[argument_] = std::make_shared<std::string>(*moved);
        return say("250 Rename successful.");
    }

    OddFtps& server_;
    TlsStream control_;
    Oddities odd_;
    std::string received_;
    std::string argument_;
    std::string from_;
    int listener_ = -1;
    std::uint16_t data_port_ = 0;
};

OddFtps::OddFtps(const std::filesystem::path& certificate, const std::filesystem::path& key,
                 std::string access_code)
    : access_code_{std::move(access_code)}, tls_{std::make_unique<Tls>()}, running_{
                                                                               std::make_unique<Running>()} {
    ::signal(SIGPIPE, SIG_IGN);
    tls_->use(certificate, key);
    listener_ = listen_anywhere(port_);
    running_->accepting = std::thread{[this] { accept_clients(); }};
}

OddFtps::~OddFtps() {
    stopping_ = true;
    running_->accepting.join();
    for (auto& thread : running_->threads)
        thread.join();
    ::close(listener_);
}

void OddFtps::accept_clients() {
    for (int client = -1; (client = accept_one(listener_, stopping_)) >= 0;)
        running_->threads.emplace_back([this, client] { Connection{*this, client}.serve(); });
}

void OddFtps::behave(Oddities oddities) {
    const std::lock_guard lock{mutex_};
    oddities_ = std::move(oddities);
}

void OddFtps::show_on_data(const std::filesystem::path& certificate, const std::filesystem::path& key) {
    data_tls_ = std::make_unique<Tls>();
    data_tls_->use(certificate, key);
}

void OddFtps::put(const std::string& path, std::string content) {
    const std::lock_guard lock{mutex_};
    files_[path] = std::make_shared<std::string>(std::move(content));
}

void OddFtps::put_folder(const std::string& path) {
    put(path + "/", "");
}

std::optional<std::string> OddFtps::file(const std::string& path) const {
    const std::lock_guard lock{mutex_};
    const auto found = files_.find(path);
    return found == files_.end() ? std::nullopt : std::optional{*found->second};
}

std::vector<std::string> OddFtps::paths() const {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> result;
    for (const auto& [path, content] : files_) {
        if (!path.ends_with('/'))
            result.push_back(path);
    }
    return result;
}

std::vector<std::string> OddFtps::commands() const {
    const std::lock_guard lock{mutex_};
    return commands_;
}

} // namespace bambu2mqtt::test_support
