#pragma once
// Any number of simulated printers behind one real Mosquitto, and with a real vsftpd each where files are
// needed: certificates, users, ports, the driver. A program under test connects to it.

#include "simulator/announcer.hpp"
#include "simulator/driver.hpp"
#include "simulator/model_profile.hpp"
#include "simulator/simulated_printer.hpp"
#include "support/mosquitto.hpp"
#include "support/pki.hpp"
#include "support/vsftpd.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bambu2mqtt::simulator {

/// How printers are reached.
enum class Doors {
    one_each, ///< a TLS port, certificate and access code per printer, like real ones
    shared    ///< one TLS port, certificate and access code for all: for load tests
};

struct FleetOptions {
    std::filesystem::path directory{}; ///< certificates, configuration, logs; created if necessary
    int printers = 1;
    std::vector<std::string> models{"X1C"};       ///< used in turn; see model_profiles()
    std::vector<AmsUnitProfile> units{};          ///< set: instead of those of the models
    std::chrono::milliseconds report_interval{0}; ///< 0: each model's own
    std::chrono::milliseconds print_duration{0};  ///< see SimulatedPrinterOptions
    std::vector<std::filesystem::path>
        replays{}; ///< set: printers play these files in turn instead of being simulated
    Doors doors = Doors::one_each;
    test_support::KeyKind key = test_support::KeyKind::ec_p256;
    MachineSettings settings{};
    std::vector<BehaviourRule>
        behaviour{}; ///< of all printers; later with() and SimulatedPrinter::behaviour()
    Durations durations{};
    CancelCode cancel_code = CancelCode::with_the_state;
    std::vector<std::uint16_t>
        announce_to{}; ///< UDP ports of 127.0.0.1 on which printers announce themselves
    std::chrono::milliseconds announce_every{5000};
    std::filesystem::path files_root{}; ///< set: jobs are printed from files below it only
    bool file_servers = false;          ///< each printer has its own FTPS server, and prints the files on it
    std::vector<std::string> file_server_lines{}; ///< further lines of their vsftpd.conf
    bool same_port = false;    ///< all have one port, at 127.0.0.1, 127.0.0.2, ...; only with Doors::one_each
    std::uint16_t at_port = 0; ///< with `same_port`: this one; 0: a free one
};

/// Everything needed to connect to a printer.
struct FleetPrinter {
    std::string serial{};
    std::string name{};
    std::string model{};
    std::string access_code{};      ///< the user is `bblp`
    std::string host = "127.0.0.1"; ///< on loopback; empty in a description: left out
    std::uint16_t port = 0;
    std::string certificate_sha256{};
    std::uint16_t ftps_port = 0; ///< 0: it has no file server
};

/// The printers run from construction to destruction. Create it on a thread that outlives it (see Process).
class PrinterFleet {
  public:
    /// Throws std::runtime_error when a model is unknown, a replay has no message, or the broker or a file
    /// server does not start (see Vsftpd::available()).
    explicit PrinterFleet(FleetOptions options);

    [[nodiscard]] const std::vector<FleetPrinter>& printers() const { return printers_; }

    /// Certificate of the authority that signed the printers' certificates.
    [[nodiscard]] const std::filesystem::path& ca_file() const { return pki_.ca_file(); }

    /// The broker of all printers: stopping, freezing or crashing it affects all of them.
    [[nodiscard]] test_support::Mosquitto& broker() { return *broker_; }

    /// Port without TLS and users that gives access to all topics.
    [[nodiscard]] std::uint16_t inner_port() const { return broker_->port(0); }

    [[nodiscard]] Driver& driver() { return *driver_; }

    /// The file server of a printer; only with FleetOptions::file_servers.
    [[nodiscard]] test_support::Vsftpd& file_server(std::size_t index) { return *file_servers_.at(index); }

    /// Sends the printers' announcements. Only with FleetOptions::announce_to.
    [[nodiscard]] Announcer& announcer() { return *announcer_; }

    /// Moves the printer to another loopback address, "127.0.0.2", as a router would: all printers disconnect
    /// for a moment, and this one is then available there and announces it.
    void move(std::size_t index, const std::string& address);

    /// Calls `action(SimulatedPrinter&)` on a simulated printer (not one that replays) and returns its
    /// result.
    template <typename Action>
    auto with(std::size_t index, Action action) {
        return driver_->with(
            index, [&action](Printer& printer) { return action(dynamic_cast<SimulatedPrinter&>(printer)); });
    }

    /// Requests that a simulated printer has received so far, in order.
    [[nodiscard]] std::vector<ReceivedRequest> requests(std::size_t index);

    /// The bodies of the requests of that name, "print.pause", in order.
    [[nodiscard]] std::vector<nlohmann::json> requests(std::size_t index, const std::string& name);

    /// A new access code, as after toggling LAN mode on the screen: clients with the old one are
    /// disconnected.
    void change_access_code(std::size_t index, const std::string& code);

    /// A new certificate, as after a factory reset: new connections get it.
    void replace_certificate(std::size_t index, const test_support::CertificateOptions& options);

  private:
    void prepare_door(std::size_t index);
    void start_file_servers();
    [[nodiscard]] std::vector<std::unique_ptr<Printer>> make_printers() const;
    [[nodiscard]] std::vector<Notify> make_notifies() const;
    [[nodiscard]] const ModelProfile& model_of(std::size_t index) const;
    [[nodiscard]] std::filesystem::path file(std::size_t index, const std::string& ending) const;
    void write_users(std::size_t index) const;

    FleetOptions options_;
    std::vector<ModelProfile> models_; ///< of the options, in their order
    test_support::Pki pki_;
    std::vector<FleetPrinter> printers_;
    std::vector<test_support::Listener> listeners_;
    std::unique_ptr<test_support::Mosquitto> broker_;
    std::vector<std::unique_ptr<test_support::Vsftpd>> file_servers_;
    std::unique_ptr<Driver> driver_;
    std::unique_ptr<Announcer> announcer_;
};

} // namespace bambu2mqtt::simulator
