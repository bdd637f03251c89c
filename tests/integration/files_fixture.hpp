// Shared by the tests of the file service: a link to one printer's files, its local folder, and servers.
#pragma once

#include "integration/file_samples.hpp"
#include "links_fixture.hpp"
#include "support/odd_ftps.hpp"
#include "support/vsftpd.hpp"
#include <bambu2mqtt/io/ftps/file_link.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt::files_test {

using namespace std::chrono_literals;
using gateway_test::no_vsftpd;
using test_support::OddFtps;
using test_support::Oddities;
using test_support::read_file;
using test_support::test_timeout;
using test_support::timeout_factor;
using test_support::Vsftpd;
using test_support::VsftpdOptions;
using test_support::write_file;

/// A link to the files of one printer, the local folder, and the events of the link.
class Files {
  public:
    static constexpr const char* serial = "01S00C000000001";
    static constexpr const char* access_code = "87654321";

    explicit Files(const std::string& common_name = serial)
        : pki_(directory_ / "ca"), leaf_(pki_.issue({.common_name = common_name}, "leaf")) {
        prepare_tls();
        config.serial = serial;
        config.id = "printer";
        config.access_code = Secret(access_code);
        config.ca_file = pki_.ca_file();
        local.directory = directory_ / "local";
        std::filesystem::create_directories(local.directory);
        // Short enough for tests, long enough for a busy machine.
        limits.ftps = {.connect = 5s, .answer = 3s, .stall = 5s, .base = 60s};
        limits.late_answer = 100ms;
    }

    /// Starts a job; its end is an event.
    void start(FileJob job) {
        if (link_ == nullptr) {
            services_ = std::make_unique<LinkServices>(directory_ / "state");
            link_ = std::make_unique<FileLink>(target, config, local, inbox.queue, *services_, limits);
        }
        progress.clear();
        link_->start(++last_job, std::move(job), "127.0.0.1");
    }

    /// The end of the job that was started last. Every end is checked not to contain the access code.
    [[nodiscard]] FileEnd ended(std::chrono::milliseconds limit = test_timeout) {
        const Instant deadline = std::chrono::steady_clock::now() + limit;
        while (const auto event = inbox.queue.pop_until(deadline)) {
            CHECK(event->target == target);
            if (const auto* const step = std::get_if<WorkProgress>(&event->body)) {
                CHECK(step->job == last_job);
                progress.push_back(*step);
            } else if (const auto* const done = std::get_if<WorkDone>(&event->body)) {
                CHECK(done->job == last_job);
                auto end = std::any_cast<FileEnd>(done->result);
                CHECK(end.message.find(access_code) == std::string::npos);
                return end;
            }
        }
        return {.message = "no end in time"};
    }

    [[nodiscard]] FileEnd run(FileJob job, std::chrono::milliseconds limit = test_timeout) {
        start(std::move(job));
        return ended(limit);
    }

    /// Waits until the job has transferred some content.
    [[nodiscard]] bool moving(std::uint64_t bytes = 1) {
        while (const auto step = inbox.next<WorkProgress>(target, test_timeout)) {
            if (step->bytes >= bytes) {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] FileLink& link() { return *link_; }

    void forget_link() { link_.reset(); }

    [[nodiscard]] LinkServices& services() { return *services_; }

    [[nodiscard]] test_support::Pki& pki() { return pki_; }

    [[nodiscard]] const test_support::Certificate& leaf() const { return leaf_; }

    [[nodiscard]] std::filesystem::path path(std::string_view name) const { return directory_ / name; }

    /// Creates a local file with this content; returns the source of an upload.
    [[nodiscard]] UploadSource local_file(const std::string& name, std::string_view content) const {
        write_file(local.directory / name, content);
        return LocalSource{name};
    }

    /// The names in the local folder, including temporary files.
    [[nodiscard]] std::vector<std::string> local_names() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(local.directory)) {
            names.push_back(entry.path().lexically_relative(local.directory).string());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    static constexpr std::size_t target = 3;
    PrinterConfig config;
    FilesConfig local;
    FileLimits limits;
    links_test::Inbox inbox;
    std::vector<WorkProgress> progress;
    std::uint64_t last_job = 100;

  private:
    test_support::TemporaryDirectory directory_;
    test_support::Pki pki_;
    test_support::Certificate leaf_;
    std::unique_ptr<LinkServices> services_;
    std::unique_ptr<FileLink> link_;
};

/// With a real server.
class RealPrinter : public Files {
  public:
    explicit RealPrinter(VsftpdOptions options = {}, const std::string& common_name = serial)
        : Files(common_name), server(completed(std::move(options), *this)) {
        config.ftps_port = server.port();
    }

    void store(std::string_view name, std::string_view content) const {
        std::filesystem::create_directories((server.storage() / name).parent_path());
        write_file(server.storage() / name, content);
    }

    [[nodiscard]] bool stored(std::string_view name) const {
        return std::filesystem::exists(server.storage() / name);
    }

    [[nodiscard]] std::string content(std::string_view name) const {
        return read_file(server.storage() / name);
    }

    Vsftpd server;

  private:
    static VsftpdOptions completed(VsftpdOptions options, const Files& files) {
        options.directory = files.path("vsftpd");
        options.certificate = files.leaf().certificate;
        options.key = files.leaf().key;
        options.access_code = access_code;
        return options;
    }
};

/// With one that misbehaves.
class OddPrinter : public Files {
  public:
    OddPrinter() : server(leaf().certificate, leaf().key, access_code) { config.ftps_port = server.port(); }

    OddFtps server;
};

[[nodiscard]] inline bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// "done", "refused not_found", "failed": how a job ended, as text for CHECK.
[[nodiscard]] inline std::string ending(const FileEnd& end) {
    std::string text(name_of(end.status));
    if (end.code != Code::none) {
        text += " " + std::string(name_of(end.code));
    }
    return text;
}

} // namespace bambu2mqtt::files_test
