// The connection to one printer as a state machine: when to connect, when to ask, when to call it lost.
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
    pin_unavailable, ///< the pinned certificate cannot be read, or the first one not be pinned
};

[[nodiscard]] std::string_view name_of(ConnectionState state);

/// What the connection asks for.
enum class ConnectionAction : std::uint8_t {
    connect,
    disconnect,
    get_version,
    pushall,
    listen, ///< subscribe to the reports again
    ignore, ///< unsubscribe from them
};

using ConnectionActions = std::vector<ConnectionAction>;

/// How much a report tells.
enum class Extent : std::uint8_t { partial, full };

/// How patient one is with a family of printers.
struct Timeouts {
    std::chrono::seconds stale{};         ///< silence after which values are no longer trusted
    std::chrono::seconds nudge{};         ///< silence after which the printer is asked for a sign of life
    std::chrono::seconds rebuild{};       ///< silence after which the gateway reconnects
    std::chrono::seconds pushall_every{}; ///< between two requests for a full report
};

/// X1, P2, X2 and H2 send about every second; P1, A1 and A2 only changes, and a full report more often than
/// every five minutes loads them.
[[nodiscard]] Timeouts timeouts_for(Family family);

/// Exactly one connection at a time; retries for ever. Time is an argument. It has more functions than other
/// classes because it has one for each thing that can happen to a connection.
class Connection {
  public:
    Connection(unsigned seed, AddressBook places) : backoff_(seed), places_(std::move(places)) {}

    /// Begins an attempt. A printer without a known place is unreachable until it announces itself.
    void start(Instant now, ConnectionActions& actions);
    void up(Instant now, Family family, ConnectionActions& actions);
    void down(const PrinterDown& event, Instant now);

    /// Somebody announced that the printer is at this address. A session that works is left alone, whoever
    /// says what; a printer that is not there is looked for where it is said to be.
    void announced(const std::string& address, Instant now, ConnectionActions& actions);

    /// A status report came. The state is shown as current from the first full one on, or a while after the
    /// first partial one.
    void report(Extent extent, Instant now, Family family, ConnectionActions& actions);

    /// Another message than a status report came. From a printer that sends only changes it is the sign of
    /// life it was asked for; one that streams must stream.
    void alive(Instant now, Family family);

    /// A full report is wanted: now, or as soon as the budget allows.
    void want_full(Instant now, Family family, ConnectionActions& actions);

    /// How long until a full report may be asked for; zero: now.
    [[nodiscard]] std::chrono::seconds full_report_in(Instant now, Family family) const;

    /// Nothing is heard of the printer until resume(), but the connection stays. One that breaks meanwhile is
    /// made anew by resume().
    void pause(ConnectionActions& actions);

    /// There is no connection until resume().
    void quit(ConnectionActions& actions);

    /// Whether quit() is in force.
    [[nodiscard]] bool closed() const noexcept { return hold_ == Hold::closed; }

    /// Ends pause() and quit(); nothing where neither is in force.
    void resume(Instant now, Family family, ConnectionActions& actions);

    /// Somebody has trusted the certificate shown at places().proven(): it is tried there now.
    void certificate_trusted(Instant now, ConnectionActions& actions);

    /// Somebody has set the clock of this machine: a certificate that was not valid by it is looked at again.
    void clock_set(Instant now, ConnectionActions& actions);

    /// A command was sent. A P1 stops answering after some of them in one session, so that its session is
    /// made anew when it has carried a few and nothing is going on. Evidence: 4 to 16 configuration commands
    /// on a P1S.
    void command_sent(Instant now, Family family);

    /// A command got no answer, though reports come: the printer is asked something harmless, and if it does
    /// not answer that either, the session is half open.
    void command_unanswered(Instant now, ConnectionActions& actions);

    /// The printer answered something.
    void answered();

    /// Whether and why the gateway should reconnect.
    [[nodiscard]] ReconnectReason reconnect_reason() const;

    /// Reconnects. What is shown stays as it is, unless the new one does not come.
    void reconnect(ConnectionActions& actions);

    /// The report that was just taken in shows that a job has started: P1 and A1 may then be silent for
    /// minutes while they read a large file. Their silence counts again from their next report on, or when
    /// the job ends.
    void job_started(Instant now, Family family);

    /// The job has ended.
    void job_ended() noexcept { grace_until_.reset(); }

    /// Does what is due.
    void tick(Instant now, Family family, ConnectionActions& actions);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    [[nodiscard]] ConnectionState state() const noexcept { return state_; }

    /// Why it is not connected; empty when it is.
    [[nodiscard]] const std::string& error() const noexcept { return error_; }

    /// What the user can do about it; empty when nothing is known. One of a few fixed texts.
    [[nodiscard]] std::string_view hint() const;

    /// Where the attempt or session at hand is, or the last one was: name or address; empty before the first.
    [[nodiscard]] const std::string& host() const noexcept { return places_.host(); }

    [[nodiscard]] const AddressBook& places() const noexcept { return places_; }

    /// Since when this session has been up.
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
    [[nodiscard]] std::string_view hint_when_unreachable() const;

    Backoff backoff_;
    AddressBook places_;
    LinkState link_;
    Hold hold_ = Hold::none;
    ConnectionState state_ = ConnectionState::connecting; ///< as shown: it may lag behind link_
    std::string error_;
    std::optional<LinkFailure> shown_failure_; ///< what state_ and error_ were made from, where that was one
    std::optional<Instant> hurried_at_;        ///< the last attempt that was made because of an announcement
    std::optional<Instant> last_pushall_;      ///< also of an earlier connection
    std::optional<Instant> grace_until_;       ///< a job has started: until then the printer may be silent
    bool never_reported_ = false;              ///< the last session ended without a single report
};

} // namespace bambu2mqtt
