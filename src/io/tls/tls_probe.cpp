#include "io/thread/resolver.hpp"
#include <bambu2mqtt/io/thread/guard.hpp>
#include <bambu2mqtt/io/tls/tls_probe.hpp>

#include <fmt/format.h>

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace bambu2mqtt {

namespace {

using std::chrono::milliseconds;

/// For poll(): rounded up, so that a deadline has passed when poll() returns.
[[nodiscard]] int poll_timeout(Instant deadline) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp(left, milliseconds(0), milliseconds(probe_deadline)).count());
}

/// Runs one handshake on this thread.
[[nodiscard]] expected<PeerCertificate, Error> wait_for_certificate(ProbeTarget target) {
    const Instant deadline = std::chrono::steady_clock::now() + probe_deadline;
    auto begun = TlsHandshake::begin(std::move(target));
    if (!begun) {
        return unexpected(begun.error());
    }
    TlsHandshake& handshake = **begun;
    while (std::chrono::steady_clock::now() < deadline) {
        pollfd waiting{handshake.descriptor(), handshake.awaited(), 0};
        if (poll(&waiting, 1, poll_timeout(deadline)) > 0) {
            if (auto result = handshake.step()) {
                return *std::move(result);
            }
        }
    }
    return probe_timed_out();
}

} // namespace

TlsProbe::TlsProbe() : thread_(guarded_thread("certificate probe thread", [this] { run(); })) {}

TlsProbe::~TlsProbe() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify();
    thread_.join();
}

TlsProbe::Id TlsProbe::start(ProbeTarget target, Callback callback) {
    Id id = 0;
    {
        const MutexLock lock(mutex_);
        id = ++last_id_;
        incoming_.emplace(id, Probe{.target = std::move(target),
                                    .callback = std::move(callback),
                                    .deadline = std::chrono::steady_clock::now() + probe_deadline});
    }
    wake_.notify();
    return id;
}

void TlsProbe::cancel(Id id) {
    const MutexLock lock(mutex_);
    if (incoming_.erase(id) > 0) {
        return;
    }
    cancelled_.push_back(id);
    wake_.notify();
    while (std::find(cancelled_.begin(), cancelled_.end(), id) != cancelled_.end()) {
        orders_done_.wait(mutex_);
    }
}

/// Runs one step of a probe; an exception ends only that probe.
template <typename Step>
void TlsProbe::attempt(Id id, const Step& step) {
    std::optional<expected<PeerCertificate, Error>> result;
    guard(
        "certificate probe", [&] { result = step(probes_.at(id)); },
        [&](std::string_view reason) {
            result = failure(Problem::unavailable,
                             fmt::format("the certificate was not probed: internal error: {}", reason));
        });
    if (result) {
        finish(id, *std::move(result));
    }
}

void TlsProbe::run() {
    bool running = true;
    while (running) {
        if (!guard("certificate probes", [&] { running = turn(); })) {
            std::this_thread::sleep_for(rest_after_failure);
        }
    }
}

/// False when the probe thread is stopped.
bool TlsProbe::turn() {
    if (!take_orders()) {
        return false;
    }
    std::vector<Id> ready;
    wait_for_sockets(ready);
    for (const Id id : ready) {
        attempt(id, [](Probe& probe) { return probe.handshake->step(); });
    }
    const Instant now = std::chrono::steady_clock::now();
    ready.clear();
    for (const auto& [id, probe] : probes_) {
        if (probe.deadline <= now) {
            ready.push_back(id);
        }
    }
    for (const Id id : ready) {
        finish(id, probe_timed_out());
    }
    return true;
}

bool TlsProbe::take_orders() {
    std::map<Id, Probe> fresh;
    {
        const MutexLock lock(mutex_);
        if (stopping_) {
            return false;
        }
        fresh.swap(incoming_);
        probes_.merge(fresh);
        fresh.clear();
        for (const Id id : cancelled_) {
            probes_.erase(id);
        }
        cancelled_.clear();
    }
    orders_done_.notify_all();
    std::vector<Id> begun;
    for (const auto& [id, probe] : probes_) {
        if (probe.handshake == nullptr) {
            begun.push_back(id);
        }
    }
    for (const Id id : begun) {
        attempt(id, [](Probe& probe) -> std::optional<expected<PeerCertificate, Error>> {
            auto handshake = TlsHandshake::begin(probe.target);
            if (!handshake) {
                return unexpected(handshake.error());
            }
            probe.handshake = std::move(*handshake);
            return std::nullopt;
        });
    }
    return true;
}

void TlsProbe::wait_for_sockets(std::vector<Id>& ready) {
    std::vector<pollfd> sockets{{wake_.descriptor(), POLLIN, 0}};
    std::vector<Id> ids;
    std::optional<Instant> first_deadline;
    for (const auto& [id, probe] : probes_) {
        if (probe.handshake == nullptr) {
            continue; // not started for lack of memory
        }
        sockets.push_back({probe.handshake->descriptor(), probe.handshake->awaited(), 0});
        ids.push_back(id);
        first_deadline = std::min(probe.deadline, first_deadline.value_or(probe.deadline));
    }
    ready.clear();
    if (poll(sockets.data(), sockets.size(), first_deadline ? poll_timeout(*first_deadline) : -1) <= 0) {
        return;
    }
    wake_.empty();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (sockets[i + 1].revents != 0) {
            ready.push_back(ids[i]);
        }
    }
}

void TlsProbe::finish(Id id, expected<PeerCertificate, Error> result) {
    const auto found = probes_.find(id);
    const Callback callback = std::move(found->second.callback);
    probes_.erase(found);
    guard("certificate probe callback", [&] { callback(std::move(result)); });
}

expected<PeerCertificate, Error> probe_certificate(const std::string& host, std::uint16_t port,
                                                   const std::string& server_name,
                                                   const std::filesystem::path& ca_file) {
    const expected<Addresses, Error> addresses = resolve_host(host);
    if (!addresses) {
        return unexpected(addresses.error());
    }
    expected<PeerCertificate, Error> result = failure(Problem::unavailable, "no address");
    for (const std::string& address : *addresses) {
        result = wait_for_certificate({.address = address,
                                       .port = port,
                                       .server_name = server_name,
                                       .authorities = ca_file.empty() ? Authorities::none : Authorities::file,
                                       .ca_file = ca_file});
        if (result) {
            break;
        }
    }
    return result;
}

} // namespace bambu2mqtt
