// Every command on every model in every recorded state: a valid plan, or a refusal with a reason.
#include "unit/command/plan_rules.hpp"
#include "unit/command/samples.hpp"
#include "unit/state/captures.hpp"

using namespace bambu2mqtt;
using test::samples;

namespace {

/// Arguments besides the samples: other trays, both ends of ranges, invalid values.
std::vector<Json> variations(const Command& command, const Json& sample) {
    std::vector<Json> result{sample, Json::object()};
    for (const auto& argument : command.arguments) {
        const std::string name{argument.name};
        std::vector<Json> values{nullptr,       "", "x", -1, 0, 1.5, 254, 255, 128, 64, true, Json::array(),
                                 Json::object()};
        if (is_bounded(argument)) {
            values.insert(values.end(), {argument.min, argument.max, argument.min - 1, argument.max + 1});
        }
        for (const auto& word : argument.words) {
            values.emplace_back(word.name);
        }
        for (const auto& value : values) {
            auto changed = sample;
            changed[name] = value;
            result.push_back(std::move(changed));
        }
    }
    return result;
}

/// The samples only.
std::vector<Json> one(const Command&, const Json& sample) {
    return {sample};
}

using Choice = std::vector<Json> (*)(const Command&, const Json& sample);

/// Every command with the chosen arguments.
void check_all(const Printer& printer, const CommandPolicy& policy, Choice choice) {
    const Situation situation{printer.report_state(),
                              printer.gateway(),
                              printer.facts(),
                              printer.layout(),
                              printer.values(),
                              policy,
                              1767600000};
    for (const auto& sample : samples) {
        const auto& command = *find_command(sample.command);
        for (const auto& arguments : choice(command, Json::parse(sample.arguments))) {
            const auto fault = test::fault_of(command, arguments, situation);
            if (!fault.empty()) {
                FAIL_CHECK(sample.command, " ", arguments.dump(), ": ", fault);
            }
        }
    }
}

const CommandPolicy everything{.raw_commands = true, .trust_commands = true};

/// Feeds messages to a printer of each model, and checks all commands after the first and the last of them.
void check_states(std::string_view text) {
    const auto messages = split_messages(text);
    for (const auto& model : models()) {
        INFO("model: ", std::string{model.code});
        Printer printer{"TEST", model.model, Rounding::plain};
        ReportParser parser;
        for (std::size_t i = 0; i < messages.size(); ++i) {
            (void)printer.take(messages[i].text, parser, std::nullopt);
            if (i == 0 || i + 1 == messages.size()) {
                check_all(printer, everything, one);
            }
        }
    }
}

} // namespace

TEST_CASE("every command on every model with unknown state") {
    for (const auto& model : models()) {
        INFO("model: ", std::string{model.code});
        check_all(Printer{"TEST", model.model, Rounding::plain}, everything, variations);
    }
    check_all(Printer{"TEST", std::nullopt, Rounding::plain}, everything, variations);
}

TEST_CASE("every command on every printer of the fixtures, in every job state, signed or not") {
    for (const auto name : test::fixture_models) {
        INFO("fixture: ", std::string{name});
        test::FedPrinter printer;
        printer.feed_lines(test::fixture(name));
        for (const auto* const state : {"IDLE", "PREPARE", "RUNNING", "PAUSE", "FINISH", "FAILED", ""}) {
            printer.partial(fmt::format(R"("gcode_state":"{}")", state));
            for (const auto signature : {Signature::needed, Signature::not_needed}) {
                (void)printer.printer().learn_signature(signature);
                check_all(printer.printer(), everything, one);
            }
        }
        check_all(printer.printer(), everything, variations);
        check_all(printer.printer(), {.allow = ControlLevel::safe}, one);
        check_all(printer.printer(), {.allow = ControlLevel::none}, one);
    }
}

TEST_CASE("every command on every model in every recorded state") {
    const auto folder = test::captures();
    if (!folder) {
        return;
    }
    for (const char* const part : {"full", "reports", "deltas", "odd"}) {
        for (const auto& file : test::files_in(*folder / part)) {
            INFO("file: ", file.string());
            check_states(test::text_of(file));
        }
    }
}
