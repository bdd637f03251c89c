// Candidate addresses of one printer: the configured host, the last working one, announced ones. Decides
// which of them is tried next; knows no connection and trusts no announcement.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// The configured host comes first after the start, then the last working address, then announced ones. An
/// address that works is kept; after a failure the next one is tried, with newly announced addresses first.
/// Time is an argument.
class AddressBook {
  public:
    /// `configured` and `learned` may be empty: not configured, never reached elsewhere. `first_contact`: no
    /// certificate of the printer is pinned, the first one that names its serial will be trusted. With a
    /// configured host this happens only there: no other address is tried until reached() or trusted().
    explicit AddressBook(std::string configured, std::string learned = {}, bool first_contact = false);

    /// Handles an announcement of this address. True if it justifies an attempt now: it is not the current
    /// address, and was not tried for a while.
    bool on_announcement(const std::string& address, Instant now);

    /// Chooses the address of the next attempt; false if none is known.
    [[nodiscard]] bool choose(Instant now);

    /// The address chosen last; empty before the first.
    [[nodiscard]] const std::string& host() const noexcept { return host_; }

    /// The printer was reached at host().
    void reached();

    /// An attempt at host() failed.
    void failed() noexcept { confirmed_ = false; }

    /// The printer is at host(), but cannot be used: the next attempt uses the same address.
    void stay() noexcept { confirmed_ = true; }

    /// host() is not tried until then, unless there is no other address: it is another machine, or a person
    /// has to act.
    void set_aside(Instant until);

    /// The certificate seen at proven() has been trusted: that address is tried next.
    void trusted();

    /// When an address may be tried that has not been rejected; nothing: now.
    [[nodiscard]] std::optional<Instant> free_at(Instant now) const;

    /// True if another address than host() was announced and should be tried.
    [[nodiscard]] bool has_news(Instant now) const;

    /// True if host() was only announced while a better address is known.
    [[nodiscard]] bool is_unverified() const;

    /// True if a rejected address other than host() is verified, i.e. not only announced.
    [[nodiscard]] bool is_untrusted(Instant now) const;

    /// The address at which a certificate may be checked in order to trust it: the current one if it is the
    /// configured host or one where the printer was reached, else one of these two; empty if the printer was
    /// only announced.
    [[nodiscard]] const std::string& proven() const;

    /// True if an announcement of another address was ignored, because the first contact is made only at the
    /// configured host.
    [[nodiscard]] bool held_back() const noexcept { return first_contact_ && announced_elsewhere_; }

    [[nodiscard]] const std::string& configured() const noexcept { return configured_; }

    /// The address where the printer was last reached, if not the configured host; else empty.
    [[nodiscard]] const std::string& learned() const noexcept { return learned_; }

  private:
    struct Place {
        std::string host{};
        std::optional<Instant> announced_at{};
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
    bool confirmed_ = false; ///< reached at host(), and no failed attempt since
    bool first_contact_;     ///< only the configured host is tried
    bool announced_elsewhere_ = false;
};

} // namespace bambu2mqtt
