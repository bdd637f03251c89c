#include "simulator/printer_fleet.hpp"

#include "simulator/replay.hpp"
#include "support/files.hpp"
#include "support/ports.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace bambu2mqtt::simulator {
namespace {

constexpr std::uint64_t files_besides_listeners = 4096;
constexpr std::uint64_t files_per_printer = 8;

/// Eight digits that differ between printers and are the same in every run.
std::string access_code_of(int number) {
    return fmt::format("{:08}", static_cast<std::uint64_t>(number) * 48'271'123U % 100'000'000U);
}

/// Two spools per job, so that each print shows a change; on two nozzles it is a change of nozzle as well.
PrintJob job_of(const ModelProfile& model) {
    PrintJob job;
    const bool left_spool = model.extruders > 1;
    job.trays = {{.unit = 0, .slot = 0},
                 left_spool ? TrayPlace{.unit = 254} : TrayPlace{.unit = 0, .slot = 1}};
    return job;
}

} // namespace

PrinterFleet::PrinterFleet(FleetOptions options)
    : options_{std::move(options)}, pki_{options_.directory / "certificates"} {
    if (options_.printers < 1 || options_.models.empty())
        throw std::runtime_error{"at least one printer and one model are needed"};
    for (const auto& name : options_.models) {
        const auto* const model = find_model(name);
        if (model == nullptr)
            throw std::runtime_error{"no simulated model " + name + "; expected one of " + model_names()};
        models_.push_back(*model);
        if (!options_.units.empty())
            models_.back().units = options_.units;
    }
    std::filesystem::create_directories(options_.directory / "printers");
    const bool shared = options_.doors == Doors::shared;
    test_support::raise_open_file_limit(files_besides_listeners +
                                        files_per_printer * static_cast<std::uint64_t>(options_.printers));
    const auto first_port = test_support::free_ports(shared ? 2 : options_.printers + 1);
    listeners_.push_back({.port = first_port}); // the inner one
    for (int number = 1; number <= options_.printers; ++number) {
        const auto index = printers_.size();
        const auto& model = model_of(index);
        printers_.push_back({.serial = serial_of(model, number),
                             .name = fmt::format("Simulated {} {}", model.name, number),
                             .model = std::string{model.name},
                             .access_code = access_code_of(shared ? 1 : number),
                             .port = static_cast<std::uint16_t>(first_port + (shared ? 1 : number))});
        if (options_.same_port) {
            printers_.back().host = fmt::format("127.0.0.{}", number);
            printers_.back().port =
                options_.at_port != 0 ? options_.at_port : static_cast<std::uint16_t>(first_port + 1);
        }
        if (!shared || index == 0)
            prepare_door(index);
        else
            printers_.back().certificate_sha256 = printers_.front().certificate_sha256;
    }
    broker_ = std::make_unique<test_support::Mosquitto>(
        test_support::MosquittoOptions{.directory = options_.directory / "printers-broker",
                                       .listeners = listeners_,
                                       .more_lines = broker_lines()});
    if (options_.file_servers)
        start_file_servers();
    driver_ = std::make_unique<Driver>(inner_port(), make_printers());
    if (!options_.announce_to.empty())
        announcer_ = std::make_unique<Announcer>(
            AnnouncerOptions{.ports = options_.announce_to, .interval = options_.announce_every},
            make_notifies());
}

std::vector<Notify> PrinterFleet::make_notifies() const {
    std::vector<Notify> result;
    for (std::size_t index = 0; index < printers_.size(); ++index)
        result.push_back({.serial = printers_[index].serial,
                          .address = printers_[index].host,
                          .model_code = model_code_of(std::string{model_of(index).name}),
                          .name = printers_[index].name});
    return result;
}

void PrinterFleet::move(std::size_t index, const std::string& address) {
    auto& printer = printers_.at(index);
    printer.host = address;
    broker_->stop();
    broker_->set_address(options_.doors == Doors::shared ? 1 : index + 1, address);
    broker_->start();
    if (announcer_)
        announcer_->move(index, address);
}

void PrinterFleet::start_file_servers() {
    for (std::size_t index = 0; index < printers_.size(); ++index) {
        auto& printer = printers_[index];
        const auto& door = listeners_[options_.doors == Doors::shared ? 1 : index + 1];
        file_servers_.push_back(std::make_unique<test_support::Vsftpd>(
            test_support::VsftpdOptions{.directory = options_.directory / "file-servers" / printer.serial,
                                        .certificate = door.certificate,
                                        .key = door.key,
                                        .access_code = printer.access_code,
                                        .more_lines = options_.file_server_lines}));
        printer.ftps_port = file_servers_.back()->port();
    }
}

const ModelProfile& PrinterFleet::model_of(std::size_t index) const {
    return models_[index % models_.size()];
}

std::filesystem::path PrinterFleet::file(std::size_t index, const std::string& ending) const {
    return options_.directory / "printers" / (printers_[index].serial + ending);
}

void PrinterFleet::write_users(std::size_t index) const {
    test_support::write_file(file(index, ".users"),
                             test_support::password_entry("bblp", printers_[index].access_code) + "\n");
}

void PrinterFleet::prepare_door(std::size_t index) {
    auto& printer = printers_[index];
    const auto certificate = pki_.issue({.common_name = printer.serial, .key = options_.key}, printer.serial);
    printer.certificate_sha256 = certificate.sha256;
    write_users(index);
    test_support::Listener listener{.port = printer.port,
                                    .address = printer.host,
                                    .certificate = certificate.certificate,
                                    .key = certificate.key,
                                    .password_file = file(index, ".users")};
    if (options_.doors == Doors::one_each) {
        listener.acl_file = file(index, ".acl");
        test_support::write_file(listener.acl_file, fmt::format("user bblp\n"
                                                                "topic read device/{0}/report\n"
                                                                "topic write device/{0}/request\n",
                                                                printer.serial));
    }
    listeners_.push_back(std::move(listener));
}

std::vector<std::unique_ptr<Printer>> PrinterFleet::make_printers() const {
    std::vector<std::unique_ptr<Printer>> result;
    for (std::size_t index = 0; index < printers_.size(); ++index) {
        const auto& model = model_of(index);
        if (!options_.replays.empty()) {
            const auto& path = options_.replays[index % options_.replays.size()];
            auto messages = split_messages(test_support::read_file(path));
            if (messages.empty())
                throw std::runtime_error{"no JSON message in " + path.string()};
            const auto interval =
                options_.report_interval.count() > 0 ? options_.report_interval : model.report_interval;
            result.push_back(std::make_unique<ReplayPrinter>(ReplayOptions{.serial = printers_[index].serial,
                                                                           .messages = std::move(messages),
                                                                           .report_interval = interval}));
            continue;
        }
        const auto tenth = static_cast<std::int64_t>(index % 10 + 1);
        SimulatedPrinterOptions printer{.model = &model,
                                        .serial = printers_[index].serial,
                                        .report_interval = options_.report_interval,
                                        .print_duration = options_.print_duration,
                                        .first_print_after = options_.print_duration * tenth / 20,
                                        .job = job_of(model),
                                        .settings = options_.settings,
                                        .durations = options_.durations,
                                        .cancel_code = options_.cancel_code};
        if (!file_servers_.empty())
            printer.files = StoredFiles::below(file_servers_[index]->storage());
        else if (!options_.files_root.empty())
            printer.files = StoredFiles::below(options_.files_root);
        result.push_back(std::make_unique<SimulatedPrinter>(std::move(printer), options_.behaviour));
    }
    return result;
}

std::vector<ReceivedRequest> PrinterFleet::requests(std::size_t index) {
    return with(index, [](SimulatedPrinter& printer) { return printer.requests(); });
}

std::vector<nlohmann::json> PrinterFleet::requests(std::size_t index, const std::string& name) {
    return with(index, [&name](SimulatedPrinter& printer) { return printer.requests(name); });
}

void PrinterFleet::change_access_code(std::size_t index, const std::string& code) {
    printers_.at(index).access_code = code;
    write_users(options_.doors == Doors::shared ? 0 : index);
    broker_->reload();
    if (!file_servers_.empty())
        file_servers_.at(index)->use_access_code(code);
}

void PrinterFleet::replace_certificate(std::size_t index, const test_support::CertificateOptions& options) {
    auto& printer = printers_.at(index);
    const auto certificate = pki_.issue(options, printer.serial);
    printer.certificate_sha256 = certificate.sha256;
    broker_->reload();
    if (!file_servers_.empty())
        file_servers_.at(index)->use_certificate(certificate.certificate, certificate.key);
}

} // namespace bambu2mqtt::simulator
