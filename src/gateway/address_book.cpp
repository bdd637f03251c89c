#include <bambu2mqtt/gateway/address_book.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Announcements of one address cause an attempt at most this often.
constexpr auto between_attempts = 20s;

/// Announced addresses expire after this time. Evidence: printers send "Cache-Control: max-age=1800".
constexpr auto announced_for = 1800s;

/// Maximum number of announced addresses: one is right, the others are mistakes or forged.
constexpr std::size_t most_announced = 3;

} // namespace

AddressBook::AddressBook(std::string configured, std::string learned, bool first_contact)
    : configured_(std::move(configured)), learned_(std::move(learned)),
      first_contact_(first_contact && !configured_.empty()) {
    if (learned_ == configured_) {
        learned_.clear();
    }
    for (const auto& host : {configured_, first_contact_ ? std::string{} : learned_}) {
        if (!host.empty()) {
            places_.push_back(Place{.host = host});
        }
    }
}

bool AddressBook::on_announcement(const std::string& address, Instant now) {
    if (first_contact_ && address != configured_) {
        announced_elsewhere_ = true;
        return false;
    }
    if (address == host_ && confirmed_) {
        return false;
    }
    auto* place = find(address);
    if (place == nullptr) {
        make_room();
        place = &places_.emplace_back(Place{.host = address});
    }
    place->announced_at = now;
    const bool is_free = place->is_free(now);
    const bool waited = !place->tried_at || now - *place->tried_at >= between_attempts;
    place->fresh = place->fresh || (is_free && waited);
    return place->fresh && is_free;
}

bool AddressBook::choose(Instant now) {
    drop_old(now);
    if (places_.empty()) {
        return false;
    }
    host_ = next_place(now).host;
    auto& place = *find(host_);
    place.tried_at = now;
    place.fresh = false;
    return true;
}

const AddressBook::Place& AddressBook::next_place(Instant now) const {
    if (const auto* const place = freshest(now)) {
        return *place;
    }
    const auto current = std::ranges::find(places_, host_, &Place::host);
    if (confirmed_ && current != places_.end()) {
        return *current;
    }
    const std::size_t count = places_.size();
    const auto first = current == places_.end() ? 0 : static_cast<std::size_t>(current - places_.begin()) + 1;
    const auto moment = [now](const Place& place) { return std::max(place.aside_until.value_or(now), now); };
    const auto* best = &places_[first % count];
    for (std::size_t i = 1; i < count; ++i) {
        const auto& place = places_[(first + i) % count];
        best = moment(place) < moment(*best) ? &place : best;
    }
    return *best;
}

void AddressBook::reached() {
    confirmed_ = true;
    first_contact_ = false;
    learned_ = host_ == configured_ ? std::string{} : host_;
    if (auto* const place = find(host_)) {
        place->aside_until.reset();
    }
    for (auto& place : places_) {
        place.fresh = false; // older than the address that just worked
    }
}

void AddressBook::set_aside(Instant until) {
    if (auto* const place = find(host_)) {
        place->aside_until = until;
    }
}

void AddressBook::trusted() {
    const auto& host = proven();
    first_contact_ = false;
    if (find(host) == nullptr && !host.empty()) {
        places_.push_back(Place{.host = host});
    }
    for (auto& place : places_) {
        place.fresh = place.host == host;
        if (place.fresh) {
            place.aside_until.reset();
        }
    }
}

const std::string& AddressBook::proven() const {
    return is_known(host_) ? host_ : learned_.empty() ? configured_ : learned_;
}

std::optional<Instant> AddressBook::free_at(Instant now) const {
    std::optional<Instant> result;
    for (const auto& place : places_) {
        if (place.is_free(now)) {
            return std::nullopt;
        }
        result = std::min(result.value_or(*place.aside_until), *place.aside_until);
    }
    return result;
}

bool AddressBook::has_news(Instant now) const {
    const auto* const place = freshest(now);
    return place != nullptr && place->host != host_;
}

bool AddressBook::is_unverified() const {
    return !is_known(host_) &&
           std::ranges::any_of(places_, [this](const Place& place) { return is_known(place.host); });
}

bool AddressBook::is_untrusted(Instant now) const {
    return std::ranges::any_of(places_, [&](const Place& place) {
        return place.host != host_ && is_known(place.host) && !place.is_free(now);
    });
}

AddressBook::Place* AddressBook::find(const std::string& host) {
    const auto place = std::ranges::find(places_, host, &Place::host);
    return place == places_.end() ? nullptr : &*place;
}

/// The most recently announced of the addresses to try.
const AddressBook::Place* AddressBook::freshest(Instant now) const {
    const Place* result = nullptr;
    for (const auto& place : places_) {
        if (place.fresh && place.is_free(now) &&
            (result == nullptr || result->announced_at < place.announced_at)) {
            result = &place;
        }
    }
    return result;
}

bool AddressBook::is_known(const std::string& host) const {
    return !host.empty() && (host == configured_ || host == learned_);
}

/// Makes room for one more announced address.
void AddressBook::make_room() {
    auto oldest = places_.end();
    std::size_t count = 0;
    for (auto place = places_.begin(); place != places_.end(); ++place) {
        if (is_known(place->host)) {
            continue;
        }
        ++count;
        if (place->host != host_ && (oldest == places_.end() || place->announced_at < oldest->announced_at)) {
            oldest = place;
        }
    }
    if (count >= most_announced && oldest != places_.end()) {
        places_.erase(oldest);
    }
}

void AddressBook::drop_old(Instant now) {
    std::erase_if(places_, [&](const Place& place) {
        const bool old = !place.announced_at || now - *place.announced_at > announced_for;
        return old && place.host != host_ && !is_known(place.host);
    });
}

} // namespace bambu2mqtt
