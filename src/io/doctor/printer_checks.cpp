#include "io/doctor/mqtt_exchange.hpp"
#include "io/doctor/reach.hpp"
#include "io/mqtt/printer_login.hpp"
#include <bambu2mqtt/base/uri.hpp>
#include <bambu2mqtt/doctor/report_checks.hpp>
#include <bambu2mqtt/io/doctor/printer_checks.hpp>
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/io/tls/identity.hpp>
#include <bambu2mqtt/io/tls/tls_probe.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr auto subscribed_in = 10s;
constexpr auto report_within = 10s;

using Shown = expected<PeerCertificate, Error>;

class PrinterCheck {
  public:
    PrinterCheck(const CheckedPrinter& printer, LinkServices& services, const CheckSink& sink)
        : printer_(printer), config_(printer.config), services_(services), sink_(sink),
          identity_(config_, printer.host, services.trust()) {}

    /// Each step needs the one before.
    [[nodiscard]] bool connect() {
        return find_address() && check_ports() && check_certificate() && log_in() && subscribe();
    }

    void run() {
        if (connect() && read_reports()) {
            for (auto& check : report_checks(*state_, {config_.id, printer_.commands, clock_ahead_})) {
                sink_(std::move(check));
            }
        }
    }

    /// Passes messages on until `take` returns false; false if the connection ends before that.
    [[nodiscard]] bool record(const ReportSink& take) {
        request_reports(std::chrono::steady_clock::now() + report_within);
        for (;;) {
            const auto message = session_->next(std::chrono::steady_clock::now() + 200ms);
            if (!take(message ? std::optional{message->payload} : std::nullopt)) {
                return true;
            }
            if (!message && session_->lost()) {
                return false;
            }
        }
    }

  private:
    bool pass(std::string_view name, std::string detail = {}) const {
        sink_(passed(config_.id, std::string(name), std::move(detail)));
        return true;
    }

    bool fail(std::string_view name, Fault fault, std::string detail = {}) const {
        sink_(found(config_.id, std::string(name), fault, std::move(detail)));
        return false;
    }

    bool find_address() {
        if (printer_.host.empty()) {
            return fail("address", Fault::printer_without_address);
        }
        auto addresses = addresses_of(printer_.host);
        if (!addresses) {
            return fail("address", Fault::printer_name_unknown, addresses.error().detail);
        }
        addresses_ = *std::move(addresses);
        return pass("address", addresses_.front());
    }

    [[nodiscard]] std::string place(std::uint16_t port) const {
        return fmt::format("{}:{}", uri_host(address_), port);
    }

    /// Both ports at the same time, at the first address with one that answers.
    bool check_ports() {
        Shown mqtt = unexpected(Error{});
        Shown ftps = unexpected(Error{});
        for (const auto& address : addresses_) {
            address_ = address;
            auto first = begin_probe(services_.probe(), identity_.probe_target(address, config_.mqtt_port));
            auto second = begin_probe(services_.probe(), identity_.probe_target(address, config_.ftps_port));
            mqtt = first.get();
            ftps = second.get();
            if (mqtt || ftps) {
                break;
            }
        }
        if (!mqtt && !ftps) {
            return fail("ports", Fault::printer_unreachable,
                        fmt::format("{}: {}", place(config_.mqtt_port), mqtt.error().detail));
        }
        if (ftps) {
            pass("port ftps", std::to_string(config_.ftps_port));
        } else {
            fail("port ftps", Fault::ftps_port_blocked,
                 fmt::format("{}: {}", place(config_.ftps_port), ftps.error().detail));
        }
        if (!mqtt) {
            return fail("port mqtt", Fault::mqtt_port_blocked,
                        fmt::format("{}: {}", place(config_.mqtt_port), mqtt.error().detail));
        }
        shown_ = *std::move(mqtt);
        return pass("port mqtt", std::to_string(config_.mqtt_port));
    }

    bool check_certificate() {
        constexpr auto name = "certificate";
        const auto known = identity_.known();
        if (!known) {
            return fail(name, Fault::pin_unreadable, known.error().why);
        }
        if (const auto decision = identity_.check(shown_); !decision) {
            return fail(name, fault_of(decision.error().doubt), decision.error().why);
        }
        any_certificate_ = *known && (*known)->anything;
        return pass(name, any_certificate_ ? "not checked: tls is \"insecure\"" : shown_.fingerprint);
    }

    [[nodiscard]] Fault fault_of(Doubt doubt) const {
        switch (doubt) {
        case Doubt::not_yet_valid:
            return Fault::clock_behind;
        case Doubt::expired:
            return Fault::certificate_expired;
        case Doubt::pin:
        case Doubt::place:
            return Fault::pin_unreadable;
        case Doubt::name:
            return Fault::certificate_of_another;
        case Doubt::identity:
            break;
        }
        if (!names_serial(shown_, config_.serial)) {
            return Fault::certificate_of_another;
        }
        return config_.tls == TlsMode::ca ? Fault::certificate_unverified : Fault::certificate_changed;
    }

    bool log_in() {
        constexpr auto name = "login";
        session_ = std::make_unique<MqttExchange>(
            printer_login(config_, address_, fmt::format("bambu2mqtt-doctor-{:08x}", std::random_device{}()),
                          {.anything = any_certificate_, .anchor_pem = shown_.pem}));
        const auto failure = session_->log_in();
        if (!failure) {
            return pass(name);
        }
        if (refuses_access_code(*failure)) {
            return fail(name, Fault::access_code_refused);
        }
        return fail(name, Fault::printer_login_failed,
                    failure->connack != 0 ? fmt::format("CONNACK {}", failure->connack)
                    : failure->timed_out  ? "no answer"
                                          : "connection closed");
    }

    bool subscribe() {
        constexpr auto name = "reports";
        const auto topic = fmt::format("device/{}/report", config_.serial);
        if (!session_->subscribe(topic, Qos::at_most_once,
                                 std::chrono::steady_clock::now() + subscribed_in)) {
            return fail(name, Fault::no_reports, "the printer does not accept the subscription");
        }
        return true;
    }

    void request_reports(Instant deadline) const {
        for (const auto& request : report_requests()) {
            (void)session_->publish(fmt::format("device/{}/request", config_.serial), request, deadline);
        }
    }

    bool read_reports() {
        constexpr auto name = "reports";
        const auto deadline = std::chrono::steady_clock::now() + report_within;
        request_reports(deadline);
        state_ = std::make_unique<Printer>(config_.serial, config_.model, Rounding::plain);
        ReportParser parser;
        bool any = false;
        while (!state_->report_state().complete()) {
            const auto message = session_->next(deadline);
            if (!message) {
                break;
            }
            any = take(message->payload, parser) || any;
        }
        if (!any) {
            return fail(name, Fault::no_reports,
                        session_->lost() ? "the printer closed the connection"
                                         : fmt::format("within {} s", report_within.count()));
        }
        return pass(name, state_->report_state().complete() ? "complete" : "incomplete");
    }

    /// True for a message of a printer, whatever its kind.
    bool take(const std::string& payload, ReportParser& parser) {
        const Now now{std::chrono::steady_clock::now(),
                      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
        if (const auto time = printer_time(payload)) {
            clock_ahead_ = *time - now.wall;
        }
        return state_->take(payload, parser, now).has_value();
    }

    const CheckedPrinter& printer_;
    const PrinterConfig& config_;
    LinkServices& services_;
    const CheckSink& sink_;
    Identity identity_;
    std::vector<std::string> addresses_;
    std::string address_;
    PeerCertificate shown_;
    bool any_certificate_ = false;
    std::unique_ptr<MqttExchange> session_;
    std::unique_ptr<Printer> state_;
    std::optional<std::chrono::seconds> clock_ahead_;
};

} // namespace

void check_printer(const CheckedPrinter& printer, LinkServices& services, const CheckSink& sink) {
    PrinterCheck{printer, services, sink}.run();
}

expected<void, Error> record_printer(const CheckedPrinter& printer, LinkServices& services,
                                     const ReportSink& take) {
    std::string finding;
    const CheckSink sink = [&](const Check& check) {
        if (check.fault) {
            finding = line_of(check);
        }
    };
    PrinterCheck session{printer, services, sink};
    if (!session.connect()) {
        return failure(Problem::unavailable, finding);
    }
    if (!session.record(take)) {
        return failure(Problem::unavailable, "the printer closed the connection\n");
    }
    return {};
}

} // namespace bambu2mqtt
