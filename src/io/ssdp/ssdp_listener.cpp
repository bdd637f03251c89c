#include <bambu2mqtt/io/ssdp/ssdp_listener.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr auto between_same = 3s;

/// Interfaces come up after the gateway, or get new addresses.
constexpr std::chrono::milliseconds refresh_every = 60s;

/// The thread pauses after a burst of datagrams, so that a flood costs at most a few thousand of them a
/// second.
constexpr std::chrono::milliseconds rest = 20ms;

} // namespace

bool AnnouncementGate::pass(const std::string& address, Instant now) {
    const auto old = [now](const RecentAnnouncement& passed) {
        return !passed.at || now - *passed.at >= between_same;
    };
    auto place = std::ranges::find(recent_, address, &RecentAnnouncement::address);
    if (place == recent_.end()) {
        place = std::ranges::find_if(recent_, old);
    }
    if (place == recent_.end() || !old(*place)) {
        return false;
    }
    *place = {address, now};
    return true;
}

SsdpListener::SsdpListener(const std::map<std::string, std::size_t>& targets, SsdpEndpoints endpoints,
                           EventQueue& events, Complaint complain)
    : sockets_(std::move(endpoints)), events_(events), complain_(std::move(complain)) {
    follow(targets);
}

void SsdpListener::follow(const std::map<std::string, std::size_t>& targets) {
    {
        const MutexLock lock(mutex_);
        std::erase_if(printers_, [&](const auto& printer) {
            const auto wanted = targets.find(printer.first);
            return wanted == targets.end() || wanted->second != printer.second.target;
        });
        for (const auto& [serial, target] : targets) {
            printers_.try_emplace(serial, Listened{.target = target});
        }
    }
    if (thread_.joinable() || targets.empty() || sockets_.endpoints() == 0) {
        return;
    }
    sockets_.refresh(complain_);
    thread_ = guarded_thread("SSDP listener thread", [this] { run(); });
}

SsdpListener::~SsdpListener() {
    if (thread_.joinable()) {
        end_.notify();
        thread_.join();
    }
}

void SsdpListener::run() {
    auto refresh_at = std::chrono::steady_clock::now() + refresh_every;
    bool running = true;
    while (running) {
        if (!guard("SSDP listener", [&] { running = turn(refresh_at); })) {
            std::this_thread::sleep_for(rest_after_failure);
        }
    }
}

/// False when the listener is stopped.
bool SsdpListener::turn(Instant& refresh_at) {
    std::vector<pollfd> waiting{{end_.descriptor(), POLLIN, 0}};
    sockets_.append(waiting);
    const auto now = std::chrono::steady_clock::now();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(refresh_at - now);
    const int ready =
        poll(waiting.data(), waiting.size(), static_cast<int>(std::clamp(left, 0ms, refresh_every).count()));
    if (waiting.front().revents != 0) {
        return false;
    }
    if (ready > 0) {
        sockets_.receive([this](const PrinterNotice& announcement) { on_announcement(announcement); });
        waiting.resize(1);
        if (poll(waiting.data(), 1, static_cast<int>(rest.count())) > 0) {
            return false;
        }
    }
    if (std::chrono::steady_clock::now() >= refresh_at) {
        refresh_at += refresh_every;
        sockets_.refresh(complain_);
    }
    return true;
}

void SsdpListener::on_announcement(const PrinterNotice& announcement) {
    const MutexLock lock(mutex_);
    const auto found = printers_.find(announcement.serial);
    if (found != printers_.end() &&
        found->second.gate.pass(announcement.address, std::chrono::steady_clock::now())) {
        events_.push({found->second.target, PrinterAnnounced{announcement.address}});
    }
}

} // namespace bambu2mqtt
