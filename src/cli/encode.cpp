#include "cli/encode.hpp"

#include "cli/report_files.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/command/sequence.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <fmt/format.h>

#include <chrono>
#include <ostream>

namespace bambu2mqtt {

namespace {

/// One line; invalid UTF-8 from the command line is replaced.
void print_line(const OrderedJson& json, std::ostream& output) {
    output << json_text(json) << '\n';
}

int refuse(const Refusal& refusal, std::ostream& output) {
    print_line({{"error", {{"code", name_of(refusal.code)}, {"message", refusal.message}}}}, output);
    return 1;
}

struct FtpStep {
    std::string_view verb{};
    std::string path{};
};

/// The FTP commands of a file job that are known before it runs.
struct StepsOf {
    using Steps = std::vector<FtpStep>;

    Steps operator()(const ListFiles& job) const { return {{"LIST", job.path}}; }

    Steps operator()(const FileExists& job) const { return {{"SIZE", job.path}}; }

    Steps operator()(const UploadFile& job) const { return {{"STOR", job.dest}}; }

    Steps operator()(const DownloadFile& job) const { return {{"RETR", job.path}}; }

    Steps operator()(const DeleteFile& job) const { return {{"DELE", job.path}}; }

    Steps operator()(const DeleteFolder& job) const { return {{"LIST", job.path}, {"RMD", job.path}}; }

    Steps operator()(const MakeFolder& job) const { return {{"MKD", job.path}}; }

    Steps operator()(const RenameFile& job) const { return {{"RNFR", job.from}, {"RNTO", job.to}}; }
};

std::int64_t seconds_now(const Options& options) {
    const auto wall =
        options.now.value_or(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    return wall.time_since_epoch().count();
}

void print(const Plan& plan, const std::string& serial, std::ostream& output, std::ostream& diagnostics) {
    const auto* const file_job = file_job_of(plan);
    if (file_job != nullptr) {
        for (const auto& step : std::visit(StepsOf{}, *file_job)) {
            print_line({{"ftps", step.verb}, {"path", step.path}}, output);
        }
    }
    Sequence sequence;
    auto requests = plan.requests;
    for (auto& request : requests) {
        sequence.stamp(request);
        print_line({{"topic", fmt::format("device/{}/request", serial)}, {"payload", request}}, output);
    }
    if (!plan.work && requests.empty()) {
        const auto answer = plan.data.is_null() ? std::string{} : fmt::format(": {}", plan.data.dump());
        diagnostics << fmt::format("nothing is sent: the gateway answers this command itself{}\n", answer);
    }
}

} // namespace

int run_encode(const Options& options, std::istream& input, std::ostream& output, std::ostream& diagnostics) {
    Printer printer{options.serial, options.model, Rounding::plain};
    ReportParser parser;
    const auto take = [&](std::string_view message) {
        return printer.take(message, parser, std::nullopt).has_value();
    };
    if (const int exit_code = read_reports(options.files, input, diagnostics, take, take); exit_code != 0) {
        return exit_code;
    }
    if (options.developer_mode) {
        (void)printer.learn_signature(*options.developer_mode ? Signature::not_needed : Signature::needed);
    }
    const auto* const command = find_command(options.name_of_command);
    if (command == nullptr) {
        return refuse(unknown_command(options.name_of_command), output);
    }
    const auto given = options.arguments.empty() ? Json::object() : read::json(options.arguments);
    if (!given) {
        return refuse(Refusal{Code::invalid_argument, "the arguments are not valid JSON"}, output);
    }
    const CommandPolicy policy{.raw_commands = options.raw_commands}; // otherwise the defaults apply
    const Situation situation{printer.report_state(),
                              printer.gateway(),
                              printer.facts(),
                              printer.layout(),
                              printer.values(),
                              policy,
                              job_id(seconds_now(options), 0)};
    const auto prepared = prepare(*command, *given, situation);
    if (!prepared) {
        return refuse(prepared.error(), output);
    }
    const auto serial = options.serial.empty() ? stand_in_serial(printer.facts().model) : options.serial;
    print(prepared->plan, serial, output, diagnostics);
    return 0;
}

} // namespace bambu2mqtt
