#include "cli/replay.hpp"

#include "cli/gateway.hpp"
#include "cli/logging.hpp"
#include "cli/recording_file.hpp"
#include "cli/replay_link.hpp"
#include "cli/report_files.hpp"
#include "cli/setup.hpp"
#include <bambu2mqtt/base/address.hpp>
#include <bambu2mqtt/io/disk/instance_files.hpp>
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <system_error>
#include <vector>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr int exit_replay_failed = 1;
constexpr int exit_replay_unusable = 2;
constexpr const char* replay_suffix = "-replay";
constexpr auto polled_every = 100ms;
constexpr auto last_values_within = 3s; // each topic changes once a second at most

/// An empty folder, removed with all that is in it.
class ScratchFolder {
  public:
    ScratchFolder() {
        auto name = (std::filesystem::temp_directory_path() / "bambu2mqtt-replay-XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) {
            path_ = name;
        }
    }

    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    ~ScratchFolder() {
        std::error_code ignored;
        if (!path_.empty()) {
            std::filesystem::remove_all(path_, ignored);
        }
    }

    /// Empty if it could not be made.
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// The configuration, or with --broker the defaults where the file is missing.
std::optional<Setup> replay_setup(const Options& options, std::ostream& diagnostics) {
    std::error_code problem;
    const bool needed = options.broker.empty() || std::filesystem::exists(options.config, problem);
    auto setup =
        needed ? read_setup(options, diagnostics) : std::optional{Setup{Config{}, Templates::built_in()}};
    if (setup && !options.broker.empty()) {
        const auto address = read_broker_url(options.broker);
        if (!address) {
            diagnostics << fmt::format("--broker: expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT]\n");
            return std::nullopt;
        }
        // The login is for the configured broker alone.
        setup->config.broker = {.tls = address->tls,
                                .host = address->host,
                                .port = address->port,
                                .client_id = setup->config.broker.client_id,
                                .base_topic = setup->config.broker.base_topic};
    }
    return setup;
}

/// One printer for each file.
std::optional<std::vector<PrinterConfig>> recorded_printers(const std::vector<std::string>& files,
                                                            std::ostream& diagnostics) {
    std::vector<PrinterConfig> printers;
    for (const auto& file : files) {
        const auto facts = check_recording(file);
        if (!facts) {
            diagnostics << facts.error().detail << '\n';
            continue;
        }
        auto serial = stand_in_serial(facts->model);
        serial = serial.substr(0, serial.size() - 4) + fmt::format("{:04}", printers.size() + 1);
        printers.push_back(
            {.serial = serial,
             .host = file,
             .id = default_printer_id(serial),
             .model = facts->model == Model::unknown ? std::nullopt : std::optional{facts->model},
             .tls = TlsMode::insecure});
    }
    return printers.size() == files.size() ? std::optional{std::move(printers)} : std::nullopt;
}

Config replay_config(Config config, const Options& options, std::vector<PrinterConfig> printers,
                     const std::filesystem::path& folder) {
    config.state_directory = folder;
    config.files.directory = folder / "files";
    config.broker.base_topic += replay_suffix;
    config.broker.client_id += replay_suffix;
    config.home_assistant.enabled = options.discovery;
    config.metrics.listen.clear();
    config.control.trust_commands = false;
    config.printers = std::move(printers);
    return config;
}

/// False when a signal came before `done`.
template <typename Done>
bool wait_for_replay(const Signals& signals, const Done& done) {
    while (!done()) {
        if (!signals.wait_for(polled_every).empty()) {
            return false;
        }
    }
    return true;
}

} // namespace

int run_replay(const Options& options, std::ostream& diagnostics) {
    auto setup = replay_setup(options, diagnostics);
    auto printers = setup ? recorded_printers(options.files, diagnostics) : std::nullopt;
    if (!printers) {
        return exit_replay_unusable;
    }
    const auto log_tap = std::make_shared<LogTap>();
    start_logging(setup->config.log, log_tap);
    prepare_tls();
    const Signals signals; // blocked before any thread is created
    const ScratchFolder folder;
    const auto instance_files = InstanceFiles::take(folder.path());
    if (folder.path().empty() || !instance_files) {
        spdlog::error("no temporary folder: {}", std::strerror(errno));
        return exit_replay_failed;
    }
    const auto config = replay_config(setup->config, options, *std::move(printers), folder.path());
    std::vector<std::unique_ptr<ReplayPlayer>> players;
    for (std::size_t i = 0; i < options.files.size(); ++i) {
        players.push_back(std::make_unique<ReplayPlayer>(options.files[i], options.speed));
        spdlog::info("{} is replayed below {}/{}", options.files[i], config.broker.base_topic,
                     config.printers[i].id);
    }
    Gateway gateway{config, setup->templates, *instance_files, *log_tap,
                    PrinterSource{.port =
                                      [&](std::size_t index, EventQueue& events) {
                                          players[index]->play_to(index, events);
                                          return std::make_unique<ReplayLink>(index, events, *players[index]);
                                      },
                                  .no_work = impossible_in_replay,
                                  .clears_topics = true}};
    if (const auto started = gateway.start(); !started) {
        spdlog::error("{}", started.error().detail);
        return exit_replay_failed;
    }
    if (wait_for_replay(signals, [&] { return gateway.broker_up(); })) {
        std::ranges::for_each(players, [](const auto& player) { player->start(); });
        const bool ended = wait_for_replay(signals, [&] {
            return std::ranges::all_of(players, [](const auto& player) { return player->ended(); });
        });
        if (ended) {
            (void)signals.wait_for(last_values_within);
        }
        spdlog::info("the replay has {}", ended ? "ended" : "been stopped");
    }
    std::ranges::for_each(players, [](const auto& player) { player->stop(); });
    gateway.stop();
    return gateway.topics_cleared() ? 0 : exit_replay_failed;
}

} // namespace bambu2mqtt
