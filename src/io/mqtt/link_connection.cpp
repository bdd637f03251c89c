#include "io/mqtt/link_connection.hpp"

#include "io/thread/descriptors.hpp"
#include "io/thread/link_thread.hpp"
#include <bambu2mqtt/io/thread/guard.hpp>
#include <bambu2mqtt/io/thread/services.hpp>

#include <fmt/format.h>

#include <utility>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_addresses = 4;

/// What may wait for the connection to be up: a few messages, which come again or are asked for once it is.
constexpr std::size_t most_held = 64;
constexpr std::size_t most_held_bytes = 256UL * 1024;

constexpr std::chrono::seconds resolve_limit = 15s;
constexpr std::chrono::seconds login_limit = 20s; // Paho gives up after 10 to 14 s; this is a safety limit

/// A client that is destroyed on the link thread, wherever it is released.
[[nodiscard]] std::shared_ptr<MqttClient>
make_client(const MqttOptions& options, std::shared_ptr<MqttListener> listener, LinkThread& thread) {
    return {new MqttClient(options, std::move(listener)), [&thread](MqttClient* client) {
                std::unique_ptr<MqttClient> owner(client);
                if (!thread.is_current()) {
                    thread.post([shared = std::shared_ptr<MqttClient>(std::move(owner))] {});
                }
            }};
}

} // namespace

LinkConnection::LinkConnection(std::size_t target, std::string host, EventQueue& events,
                               LinkServices& services)
    : target_(target), host_(std::move(host)), events_(events), services_(services) {}

void LinkConnection::start() {
    post([](LinkConnection& self) { self.resolve(); });
}

void LinkConnection::drop() {
    {
        const MutexLock lock(mutex_);
        over_ = true;
        up_ = false;
    }
    events_.forget_connection(target_);
    services_.thread().post([self = shared_from_this()] { self->close(); });
}

std::shared_ptr<MqttClient> LinkConnection::ready_client() {
    const MutexLock lock(mutex_);
    return up_ ? client_ : nullptr;
}

void LinkConnection::resolve() {
    expect_within(resolve_limit,
                  fmt::format("host name '{}' is not resolved within {} s", host_, resolve_limit.count()));
    services_.resolver().resolve(
        host_, [weak = weak_from_this()](const expected<Addresses, Error>& addresses) {
            if (const auto self = weak.lock()) {
                self->post([addresses](LinkConnection& connection) { connection.use(addresses); });
            }
        });
}

void LinkConnection::use(const expected<Addresses, Error>& addresses) {
    if (!addresses) {
        end({LinkFailure::unreachable, addresses.error().detail});
        return;
    }
    addresses_ = *addresses;
    if (addresses_.size() > most_addresses) {
        addresses_.resize(most_addresses);
    }
    next_address({LinkFailure::unreachable, "no address"});
}

void LinkConnection::next_address(PrinterDown why) {
    if (next_ >= addresses_.size()) {
        end(std::move(why));
        return;
    }
    ++next_;
    open(address());
}

void LinkConnection::connect(const MqttOptions& options) {
    expect_within(login_limit,
                  fmt::format("no connection to {} within {} s", address(), login_limit.count()));
    auto client = make_client(options, shared_from_this(), services_.thread());
    {
        const MutexLock lock(mutex_);
        client_ = client;
    }
    if (!client->connect()) {
        end({LinkFailure::unreachable, "the MQTT client cannot be started"});
    }
}

void LinkConnection::probe(ProbeTarget target,
                           std::function<void(const expected<PeerCertificate, Error>&)> answer) {
    expect_within(probe_deadline + 5s, "the certificate could not be checked in time");
    probe_ = services_.probe().start(std::move(target), [weak = weak_from_this(), answer = std::move(answer)](
                                                            const expected<PeerCertificate, Error>& shown) {
        if (const auto self = weak.lock()) {
            self->post([answer, shown](LinkConnection& connection) {
                connection.probe_ = 0;
                answer(shown);
            });
        }
    });
}

void LinkConnection::expect_within(std::chrono::seconds limit, std::string text) {
    const unsigned step = ++step_;
    services_.thread().post_after(limit, [weak = weak_from_this(), step, text = std::move(text)] {
        const auto self = weak.lock();
        if (self != nullptr && self->step_ == step && self->ready_client() == nullptr) {
            self->end({LinkFailure::unreachable, text});
        }
    });
}

void LinkConnection::push_up_event(EventBody event) {
    const MutexLock lock(mutex_);
    if (over_) {
        return;
    }
    up_ = true;
    events_.push({target_, std::move(event)});
    for (EventBody& held : held_) {
        events_.push({target_, std::move(held)});
    }
    held_.clear();
}

void LinkConnection::push_event(EventBody event) {
    const MutexLock lock(mutex_);
    if (over_) {
        return;
    }
    if (up_) {
        events_.push({target_, std::move(event)});
        return;
    }
    const auto bytes = message_bytes(event);
    if (held_.size() < most_held && held_bytes_ + bytes <= most_held_bytes) {
        held_bytes_ += bytes;
        held_.push_back(std::move(event));
    }
}

void LinkConnection::end(PrinterDown failure) {
    {
        const MutexLock lock(mutex_);
        if (over_) {
            return;
        }
        if (!up_ && (failure.failure == LinkFailure::unreachable || failure.failure == LinkFailure::lost)) {
            failure.detail = with_true_reason(std::move(failure.detail));
        }
        events_.push({target_, end_event(std::move(failure))});
        up_ = false; // only after the event is certain: without it the core would wait for ever
        over_ = true;
    }
    services_.thread().post([self = shared_from_this()] { self->close(); });
}

bool LinkConnection::over() {
    const MutexLock lock(mutex_);
    return over_;
}

LinkServices& LinkConnection::services() const {
    return services_;
}

const std::string& LinkConnection::address() const {
    return addresses_.at(next_ - 1);
}

void LinkConnection::on_connected(const ServerLimits& limits) {
    post([limits](LinkConnection& self) {
        if (const auto client = self.current_client()) {
            self.on_login(*client, limits);
        }
    });
}

void LinkConnection::on_connect_failed(ConnectFailure failure) {
    post([failure](LinkConnection& self) {
        self.close();
        self.on_login_failed(failure);
    });
}

void LinkConnection::on_lost(std::string_view reason, int code) {
    end({.failure = LinkFailure::lost, .detail = std::string(reason), .reason = code});
}

/// On return all resources of the connection are released.
void LinkConnection::close() {
    if (probe_ != 0) {
        services_.probe().cancel(probe_);
        probe_ = 0;
    }
    std::shared_ptr<MqttClient> client;
    const MutexLock lock(mutex_);
    client.swap(client_);
}

std::shared_ptr<MqttClient> LinkConnection::current_client() {
    const MutexLock lock(mutex_);
    return client_;
}

/// Runs the step on the link thread unless the connection has ended by then. An escaping exception ends the
/// connection.
void LinkConnection::post(std::function<void(LinkConnection&)> step) {
    services_.thread().post([weak = weak_from_this(), step = std::move(step)] {
        const auto self = weak.lock();
        if (self != nullptr && !self->over()) {
            guard(
                "step of a connection", [&] { step(*self); },
                [&](std::string_view reason) {
                    self->end({LinkFailure::unreachable, fmt::format("internal error: {}", reason)});
                });
        }
    });
}

} // namespace bambu2mqtt
