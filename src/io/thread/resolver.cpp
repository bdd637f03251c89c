#include "io/thread/resolver.hpp"

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>

#include <fmt/format.h>

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::size_t most_threads = 8;
constexpr std::chrono::seconds idle_time{10};

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};

using AddressList = std::unique_ptr<addrinfo, FreeAddresses>;

struct ResolverAnswer {
    int status = 0; ///< of getaddrinfo
    AddressList list;
};

[[nodiscard]] ResolverAnswer ask_system(const std::string& host, int flags) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* list = nullptr;
    const int status = getaddrinfo(host.c_str(), nullptr, &hints, &list);
    return {status, AddressList(list)};
}

[[nodiscard]] std::string to_text(const addrinfo& entry) {
    std::array<char, NI_MAXHOST> text{};
    const int status =
        getnameinfo(entry.ai_addr, entry.ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    return status == 0 ? std::string(text.data()) : std::string();
}

void append_family(Addresses& addresses, const addrinfo* list, int family) {
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
        const std::string text = entry->ai_family == family ? to_text(*entry) : std::string();
        if (!text.empty() && std::find(addresses.begin(), addresses.end(), text) == addresses.end()) {
            addresses.push_back(text);
        }
    }
}

} // namespace

/// Shared by the threads and the resolver; lives as long as the last of them, because a look-up cannot be
/// cancelled.
struct Resolver::Shared {
    ResolveFunction resolve_host;
    Mutex mutex;
    ConditionVariable work;
    ConditionVariable quiet;
    std::map<std::string, std::vector<Callback>> asked GUARDED_BY(mutex); // by host, until answered
    std::deque<std::string> waiting GUARDED_BY(mutex);                    // hosts not taken by a thread yet
    std::size_t threads GUARDED_BY(mutex) = 0;
    std::size_t idle GUARDED_BY(mutex) = 0;
    std::size_t answering GUARDED_BY(mutex) = 0;
    bool stopping GUARDED_BY(mutex) = false;

    /// False if there is no thread and none can be started.
    [[nodiscard]] bool take(const std::string& host, const Callback& callback,
                            const std::shared_ptr<Shared>& self);
    [[nodiscard]] bool has_thread(const std::shared_ptr<Shared>& self) REQUIRES(mutex);
    void wait_for_work() REQUIRES(mutex);
    static void run(const std::shared_ptr<Shared>& owner);
    void find(const std::string& host);
};

std::string numeric_address(const std::string& host) {
    const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const std::string bare = brackets ? host.substr(1, host.size() - 2) : host;
    const ResolverAnswer found = ask_system(bare, AI_NUMERICHOST);
    return found.status == 0 ? to_text(*found.list) : std::string();
}

expected<Addresses, Error> resolve_host(const std::string& host) {
    if (std::string numeric = numeric_address(host); !numeric.empty()) {
        return Addresses{std::move(numeric)};
    }
    const ResolverAnswer found = ask_system(host, 0);
    if (found.status != 0) {
        return failure(Problem::unavailable,
                       fmt::format("host name '{}' does not resolve: {}", host, gai_strerror(found.status)));
    }
    Addresses addresses;
    append_family(addresses, found.list.get(), AF_INET);
    append_family(addresses, found.list.get(), AF_INET6);
    if (addresses.empty()) {
        return failure(Problem::unavailable, fmt::format("host name '{}' has no IP address", host));
    }
    return addresses;
}

Resolver::Resolver(ResolveFunction resolve_host) : shared_(std::make_shared<Shared>()) {
    shared_->resolve_host = std::move(resolve_host);
}

Resolver::~Resolver() {
    std::map<std::string, std::vector<Callback>> dropped;
    Shared& shared = *shared_;
    const MutexLock lock(shared.mutex);
    shared.stopping = true;
    shared.waiting.clear();
    dropped.swap(shared.asked);
    shared.work.notify_all();
    while (shared.answering > 0) {
        shared.quiet.wait(shared.mutex);
    }
}

void Resolver::resolve(const std::string& host, Callback callback) {
    if (std::string numeric = numeric_address(host); !numeric.empty()) {
        callback(Addresses{std::move(numeric)});
    } else if (!shared_->take(host, callback, shared_)) {
        callback(failure(Problem::unavailable, fmt::format("no thread to look up host name '{}'", host)));
    }
}

bool Resolver::Shared::take(const std::string& host, const Callback& callback,
                            const std::shared_ptr<Shared>& self) {
    const MutexLock lock(mutex);
    const auto [entry, fresh] = asked.try_emplace(host);
    entry->second.push_back(callback);
    if (!fresh) {
        return true;
    }
    if (!has_thread(self)) {
        asked.erase(entry);
        return false;
    }
    waiting.push_back(host);
    work.notify_one();
    return true;
}

/// Makes one more if all are busy.
bool Resolver::Shared::has_thread(const std::shared_ptr<Shared>& self) {
    if (idle <= waiting.size() && threads < most_threads) {
        try {
            guarded_thread("resolver thread", [self] { run(self); }).detach();
            ++threads;
        } catch (const std::system_error&) {
            return threads > 0;
        }
    }
    return true;
}

/// Until there is a host to look up, the resolver ends, or the thread was idle for long enough.
void Resolver::Shared::wait_for_work() {
    const Instant deadline = std::chrono::steady_clock::now() + idle_time;
    ++idle;
    while (!stopping && waiting.empty() && work.wait_until(mutex, deadline)) {
    }
    --idle;
}

void Resolver::Shared::run(const std::shared_ptr<Shared>& owner) {
    Shared& shared = *owner;
    MutexLock lock(shared.mutex);
    while (true) {
        shared.wait_for_work();
        if (shared.waiting.empty()) {
            --shared.threads;
            return;
        }
        const std::string host = std::move(shared.waiting.front());
        shared.waiting.pop_front();
        lock.unlock();
        shared.find(host);
        lock.lock();
    }
}

void Resolver::Shared::find(const std::string& host) {
    expected<Addresses, Error> result = failure(Problem::unavailable, {});
    guard(
        "host name lookup", [&] { result = resolve_host(host); },
        [&](std::string_view reason) {
            result =
                failure(Problem::unavailable,
                        fmt::format("host name '{}' was not looked up: internal error: {}", host, reason));
        });
    std::vector<Callback> callbacks;
    {
        const MutexLock lock(mutex);
        if (stopping) {
            return;
        }
        callbacks = std::move(asked.extract(host).mapped());
        ++answering;
    }
    for (const Callback& callback : callbacks) {
        guard("resolver callback", [&] { callback(result); });
    }
    const MutexLock lock(mutex);
    --answering;
    quiet.notify_all();
}

} // namespace bambu2mqtt
