// Where one printer may be: the configured host, where it was reached last, where it announces itself.
// Decides which of them is tried next; knows no connection and believes no announcement.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// The configured host comes first after the start, then the address of the last time, then what was
/// announced. A place that works is kept; one that does not gives way to the next, and an announcement of
/// another one goes before. Time is an argument.
class AddressBook {
  public:
    /// `configured` and `learned` may be empty: not configured, never reached anywhere else. `first_contact`:
    /// no certificate of the printer is known, the first one that names its serial will be trusted. With a
    /// configured host that happens there alone: no other place is tried until reached() or trusted().
    explicit AddressBook(std::string configured, std::string learned = {}, bool first_contact = false);

    /// Somebody says that the printer is at this address. True when that is worth an attempt now: it is not
    /// where the printer is anyway, and nothing was tried there for a while.
    bool on_announcement(const std::string& address, Instant now);

    /// Chooses where the next attempt goes; false when no place is known.
    [[nodiscard]] bool choose(Instant now);

    /// What was chosen last; empty before there was anything to choose.
    [[nodiscard]] const std::string& host() const noexcept { return host_; }

    /// The printer has proved to be at host().
    void reached();

    /// An attempt at host() was in vain.
    void failed() noexcept { confirmed_ = false; }

    /// The printer is at host(), though it cannot be used: the next attempt goes there too.
    void stay() noexcept { confirmed_ = true; }

    /// Nothing is tried at host() until then, unless there is no other place: what is there is not the
    /// printer, or only a person can help.
    void set_aside(Instant until);

    /// The certificate shown at proven() has been trusted: that place is tried next.
    void trusted();

    /// When a place may be tried that is not set aside; nothing: now.
    [[nodiscard]] std::optional<Instant> free_at(Instant now) const;

    /// Whether another place than host() was announced that is worth an attempt.
    [[nodiscard]] bool has_news(Instant now) const;

    /// Whether host() is known from announcements alone while a better place is known.
    [[nodiscard]] bool is_unverified() const;

    /// Whether another place than host() is set aside that is more than a rumour.
    [[nodiscard]] bool is_untrusted(Instant now) const;

    /// Where a certificate may be looked at to trust it: the place at hand if it is the configured host or
    /// one where the printer was reached, else one of these two; empty where the printer was only announced.
    [[nodiscard]] const std::string& proven() const;

    /// Whether an announcement of another place was not followed, because the first contact is made at the
    /// configured host alone.
    [[nodiscard]] bool held_back() const noexcept { return first_contact_ && announced_elsewhere_; }

    [[nodiscard]] const std::string& configured() const noexcept { return configured_; }

    /// Where the printer was reached last, when that is not the configured host; else empty.
    [[nodiscard]] const std::string& learned() const noexcept { return learned_; }

  private:
    struct Place {
        std::string host{};
        std::optional<Instant> heard_at{};
        std::optional<Instant> tried_at{};
        std::optional<Instant> aside_until{};
        bool fresh = false; ///< announced, and not tried since

        [[nodiscard]] bool is_free(Instant now) const { return !aside_until || *aside_until <= now; }
    };

    [[nodiscard]] Place* find(const std::string& host);
    [[nodiscard]] const Place* freshest(Instant now) const;
    [[nodiscard]] bool is_known(const std::string& host) const;
    [[nodiscard]] const Place& next_place(Instant now) const;
    void make_room();
    void drop_old(Instant now);

    std::string configured_;
    std::string learned_;
    std::string host_;
    std::vector<Place> places_;
    bool confirmed_ = false; ///< reached at host(), and no attempt in vain since
    bool first_contact_;     ///< only the configured host is tried
    bool announced_elsewhere_ = false;
};

} // namespace bambu2mqtt
