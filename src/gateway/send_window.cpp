#include <bambu2mqtt/gateway/send_window.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

void SendWindow::reset(std::size_t size) {
    size_ = std::max<std::size_t>(size, 1);
    handed_.reset();
    on_the_way_.clear();
    kept_.clear();
    link_has_room_ = true;
}

bool SendWindow::carries_event() const {
    return std::ranges::any_of(on_the_way_, [](const auto& one) { return one.sending.event.has_value(); });
}

void SendWindow::taken(int packet) {
    if (handed_) {
        on_the_way_.push_back({packet, *std::exchange(handed_, std::nullopt)});
    }
}

void SendWindow::keep(Message message, Instant at) {
    if (handed_) {
        kept_.push_front({std::move(message), *std::exchange(handed_, std::nullopt)});
        kept_until_ = at;
    }
}

std::optional<Sending> SendWindow::drop() {
    return std::exchange(handed_, std::nullopt);
}

std::optional<Message> SendWindow::again(Instant now) {
    if (kept_.empty() || now < kept_until_) {
        return std::nullopt;
    }
    auto kept = std::move(kept_.front());
    kept_.pop_front();
    handed_ = std::move(kept.sending);
    return std::move(kept.message);
}

std::optional<Sending> SendWindow::acknowledged(int packet) {
    const auto found = std::ranges::find(on_the_way_, packet, &OnTheWay::packet);
    if (found == on_the_way_.end()) {
        return std::nullopt;
    }
    auto sending = std::move(found->sending);
    on_the_way_.erase(found);
    return sending;
}

} // namespace bambu2mqtt
