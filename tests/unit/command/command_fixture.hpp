// A printer in some state, and commands to it: their requests, refusals and confirmations.
#pragma once

#include "unit/command/refusal_of.hpp"
#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/command/catalogue.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bambu2mqtt::test {

/// A command and its expected requests, as JSON without `sequence_id`.
struct Sent {
    std::string_view command{};
    std::string_view arguments{};
    std::vector<std::string_view> requests{};
};

/// A command that is refused, and the expected text of the message.
struct Denied {
    std::string_view command{};
    std::string_view arguments{};
    Code code = Code::none;
    std::string_view says{};
};

/// The same as JSON text of a G-code request.
inline std::string gcode_of(std::string_view lines) {
    return Json{{"print", {{"command", "gcode_line"}, {"param", lines}}}}.dump();
}

class CommandFixture {
  public:
    /// A printer of which only the model is known.
    explicit CommandFixture(Model model) : printer_(Given{.model = model}) {}

    /// A printer of which only the model and these members of a full report are known.
    CommandFixture(Model model, std::string_view members) : CommandFixture(model) { printer_.full(members); }

    /// The printer of a fixture ("p1s"), with these members changed. It accepts unsigned commands.
    explicit CommandFixture(std::string_view fixture_name,
                            std::string_view members = R"("gcode_state":"IDLE")") {
        printer_.feed_lines(fixture(fixture_name));
        if (const auto fun = read::word(printer_.printer().report_state().find("fun"))) {
            partial(fmt::format(R"("fun":"{:X}")", *fun & ~(std::uint64_t{1} << 29)));
        }
        partial(members);
    }

    /// A partial report of these members.
    void partial(std::string_view members) { printer_.partial(members); }

    /// One message, unchanged.
    void feed(std::string_view message) { printer_.feed(message); }

    void firmware(std::string_view version) {
        feed(R"({"info":{"command":"get_version","module":[{"name":"ota","sw_ver":")" + std::string{version} +
             R"("}]}})");
    }

    /// Until the next report: `fun` decides again then.
    void sign(Signature signature) { (void)printer_.printer().learn_signature(signature); }

    [[nodiscard]] Situation situation() const {
        const auto& printer = printer_.printer();
        return Situation{printer.report_state(),
                         printer.gateway(),
                         printer.facts(),
                         printer.layout(),
                         printer.values(),
                         policy,
                         job};
    }

    [[nodiscard]] const FedPrinter& printer() const noexcept { return printer_; }

    [[nodiscard]] expected<Prepared, Refusal> prepare(std::string_view command,
                                                      std::string_view arguments = {}) const {
        const auto* const row = find_command(command);
        INFO("command: ", std::string{command}, " ", std::string{arguments});
        REQUIRE(row != nullptr);
        const auto given = arguments.empty() ? Json::object() : Json::parse(arguments);
        return bambu2mqtt::prepare(*row, given, situation());
    }

    /// The plan; the test fails when the command is refused.
    [[nodiscard]] Plan plan(std::string_view command, std::string_view arguments = {}) const {
        auto prepared = prepare(command, arguments);
        const auto* const refusal = refusal_of(prepared);
        INFO("command: ", std::string{command}, " ", std::string{arguments});
        INFO("refused: ", refusal == nullptr ? std::string{} : refusal->message);
        REQUIRE(refusal == nullptr);
        return std::move(prepared)->plan;
    }

    /// The file job of a plan; the test fails when it has none of this kind.
    template <typename Job>
    [[nodiscard]] Job file(std::string_view command, std::string_view arguments) const {
        const auto made = plan(command, arguments);
        const auto* const file_job = file_job_of(made);
        REQUIRE(file_job != nullptr);
        const auto* const job_of_file = std::get_if<Job>(file_job);
        REQUIRE(job_of_file != nullptr);
        return *job_of_file;
    }

    /// True if the reports now show the effect of the command.
    [[nodiscard]] bool confirms(std::string_view command, std::string_view arguments = {}) const {
        const auto* const row = find_command(command);
        INFO("command: ", std::string{command});
        REQUIRE(row != nullptr);
        const bool can_be_confirmed = row->confirmed != nullptr;
        REQUIRE(can_be_confirmed);
        const auto given = arguments.empty() ? Json::object() : Json::parse(arguments);
        const auto checked = check_arguments(row->arguments, given);
        REQUIRE(checked.has_value());
        return row->confirmed(situation(), *checked);
    }

    void sends(const std::vector<Sent>& rows) const {
        for (const auto& row : rows) {
            INFO("command: ", std::string{row.command}, " ", std::string{row.arguments});
            const auto made = plan(row.command, row.arguments);
            CHECK_FALSE(made.work.has_value());
            const bool is_sent = find_command(row.command)->run == send_plan;
            CHECK(is_sent);
            check_requests(made, row.requests);
        }
    }

    /// Checks the requests of a plan field by field; each has an empty sequence id to be filled in.
    static void check_requests(const Plan& plan, const std::vector<std::string_view>& expected) {
        REQUIRE(plan.requests.size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            auto wanted = Json::parse(expected[i]);
            for (auto& space : wanted) {
                space["sequence_id"] = "";
            }
            CHECK(Json(plan.requests[i]).dump() == wanted.dump());
        }
    }

    void denies(const std::vector<Denied>& rows) const {
        for (const auto& row : rows) {
            INFO("command: ", std::string{row.command}, " ", std::string{row.arguments});
            const auto prepared = prepare(row.command, row.arguments);
            const auto* const refusal = refusal_of(prepared);
            REQUIRE(refusal != nullptr);
            CHECK(name_of(refusal->code) == name_of(row.code));
            INFO("message: ", refusal->message);
            INFO("expected in it: ", std::string{row.says});
            CHECK(refusal->message.find(row.says) != std::string::npos);
            CHECK_FALSE(refusal->message.empty());
        }
    }

    CommandPolicy policy{.raw_commands = true, .trust_commands = true};
    std::int64_t job = 1767600000;

  private:
    FedPrinter printer_;
};

} // namespace bambu2mqtt::test
