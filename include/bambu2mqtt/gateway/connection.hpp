// The connection to one printer as a state machine: when to connect, when to poll, when it is lost.
#pragma once

#include "gateway/link_state.hpp"
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/address_book.hpp>
#include <bambu2mqtt/gateway/backoff.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/printer/model.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bambu2mqtt {

/// The states of topic `connection`.
enum class ConnectionState : std::uint8_t {
    connecting,
    connected,
    unreachable,
    auth_refused,
    tls_untrusted,
    no_reports,
    stale,
    paused,
    pin_unavailable, ///< the pinned certificate cannot be read, or the first one cannot be stored
};

[[nodiscard]] std::string_view name_of(ConnectionState state);

/// Actions requested by the connection.
enum class ConnectionAction : std::uint8_t {
    connect,
    disconnect,
    get_version,
    pushall,
    listen, ///< subscribe to the reports again
    ignore, ///< unsubscribe from them
};

using ConnectionActions = std::vector<ConnectionAction>;

/// Kind of a report.
enum class Extent : std::uint8_t { partial, full };

/// Timeouts per printer family.
struct Timeouts {
    std::chrono::seconds stale{};         ///< silence after which values are outdated
    std::chrono::seconds nudge{};         ///< silence after which the printer is polled
    std::chrono::seconds rebuild{};       ///< silence after which the gateway reconnects
    std::chrono::seconds pushall_every{}; ///< minimum interval of requests for a full report
};

/// X1, P2, X2 and H2 send about every second; P1, A1 and A2 only changes, and a full report more often than
/// every five minutes overloads them.
[[nodiscard]] Timeouts timeouts_for(Family family);

/// Exactly one connection at a time; retries for ever. Time is an argument. It has more functions than other
/// classes because it has one for each thing that can happen to a connection.
class Connection {
  public:
    Connection(unsigned seed, AddressBook places) : backoff_(seed), places_(std::move(places)) {}

    /// Starts an attempt. A printer without a known address is unreachable until it announces itself.
    void start(Instant now, ConnectionActions& actions);
    void up(Instant now, Family family, ConnectionActions& actions);
    void down(const PrinterDown& event, Instant now);

    /// Handles an SSDP announcement. A working connection is kept; otherwise the announced address becomes
    /// the next candidate.
    void announced(const std::string& address, Instant now, ConnectionActions& actions);

    /// A status report arrived. The state is shown as current from the first full one on, or some time after
    /// the first partial one.
    void report(Extent extent, Instant now, Family family, ConnectionActions& actions);

    /// A message other than a status report arrived. For a printer that sends only changes it is the answer
    /// to a poll; a streaming printer must send reports.
    void alive(Instant now, Family family);

    /// Requests a full report: now, or as soon as the minimum interval allows.
    void want_full(Instant now, Family family, ConnectionActions& actions);

    /// Time until a full report may be requested; zero: now.
    [[nodiscard]] std::chrono::seconds full_report_in(Instant now, Family family) const;

    /// Ignores the printer until resume(), but keeps the connection. If it breaks meanwhile, resume()
    /// reconnects.
    void pause(ConnectionActions& actions);

    /// Disconnects until resume().
    void quit(ConnectionActions& actions);

    /// True after quit(), until resume().
    [[nodiscard]] bool closed() const noexcept { return hold_ == Hold::closed; }

    /// Ends pause() and quit(); no effect otherwise.
    void resume(Instant now, Family family, ConnectionActions& actions);

    /// The certificate seen at places().proven() was trusted: reconnects there now.
    void certificate_trusted(Instant now, ConnectionActions& actions);

    /// The clock of this machine was set: a certificate outside its validity is checked again.
    void clock_set(Instant now, ConnectionActions& actions);

    /// A command was sent. A P1 stops answering after some of them in one session, so its session is replaced
    /// after a few commands when it is idle. Evidence: 4 to 16 configuration commands on a P1S.
    void command_sent(Instant now, Family family);

    /// A command got no answer, though reports arrive: a harmless request is sent, and if it is not answered
    /// either, the session is half open.
    void command_unanswered(Instant now, ConnectionActions& actions);

    /// The printer answered a request.
    void answered();

    /// Whether and why the gateway should reconnect.
    [[nodiscard]] ReconnectReason reconnect_reason() const;

    /// Reconnects. The shown state is kept, unless the new connection fails.
    void reconnect(ConnectionActions& actions);

    /// The last report shows that a job has started: P1 and A1 may then be silent for minutes while they read
    /// a large file. The normal timeout applies again from the next report on, or when the job ends.
    void job_started(Instant now, Family family);

    /// The job has ended.
    void job_ended() noexcept { grace_until_.reset(); }

    /// Handles due deadlines.
    void tick(Instant now, Family family, ConnectionActions& actions);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    [[nodiscard]] ConnectionState state() const noexcept { return state_; }

    /// Why it is not connected; empty when it is.
    [[nodiscard]] const std::string& error() const noexcept { return error_; }

    /// The failure behind state() and error(), if it was one.
    [[nodiscard]] std::optional<LinkFailure> failure() const noexcept { return shown_failure_; }

    /// Advice for the user; empty if there is none. One of a few texts; `id` is the printer's.
    [[nodiscard]] std::string hint(std::string_view id) const;

    /// The address of the current or last attempt or session: name or address; empty before the first.
    [[nodiscard]] const std::string& host() const noexcept { return places_.host(); }

    [[nodiscard]] const AddressBook& places() const noexcept { return places_; }

    /// When this session was established.
    [[nodiscard]] std::optional<Instant> up_since() const noexcept {
        const auto* const up = std::get_if<Up>(&link_);
        return up != nullptr ? std::optional{up->since} : std::nullopt;
    }

  private:
    using Down = LinkDown;
    using Attempt = LinkAttempt;
    using Up = LinkUp;

    /// What a command has stopped: nothing, the reports, or the connection as well.
    enum class Hold : std::uint8_t { none, paused, closed };

    void lose(Instant now, ConnectionActions& actions, std::string why);
    void move(Instant now, ConnectionActions& actions);
    void retry_soon(Instant now, ConnectionActions& actions);
    void connect(ConnectionActions& actions);
    void hold();
    void show(const PrinterDown& event, Instant now);
    void check_silence(Up& up, Instant now, Family family, ConnectionActions& actions);
    void check_clock(Instant now);
    [[nodiscard]] Up* listening();
    [[nodiscard]] const Up* listening() const;
    [[nodiscard]] std::optional<Instant> retry_at() const;
    [[nodiscard]] Instant next_attempt(LinkFailure failure, Instant now);
    [[nodiscard]] bool waits_for_clock() const;
    [[nodiscard]] std::string hint_when_untrusted(std::string_view id) const;
    [[nodiscard]] std::string_view hint_when_unreachable() const;

    Backoff backoff_;
    AddressBook places_;
    LinkState link_;
    Hold hold_ = Hold::none;
    ConnectionState state_ = ConnectionState::connecting; ///< as shown: it may lag behind link_
    std::string error_;
    std::optional<LinkFailure> shown_failure_; ///< the cause of state_ and error_, if it was a failure
    std::optional<Instant> hurried_at_;        ///< the last attempt caused by an announcement
    std::optional<Instant> last_pushall_;      ///< also of an earlier connection
    std::optional<Instant> grace_until_;       ///< a job has started: until then the printer may be silent
    bool never_reported_ = false;              ///< the last session ended without a single report
};

} // namespace bambu2mqtt
