#include "io/mqtt/paho_calls.hpp"

#include "io/mqtt/socket_poll.hpp"
#include <bambu2mqtt/io/mqtt/publish_batch.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>

#include <openssl/ssl.h>

#include <pthread.h>

#include <atomic>
#include <utility>

namespace bambu2mqtt {

namespace {

/// Never destroyed: sockets are closed until the very end of the process.
[[nodiscard]] SocketPoll& socket_poll() {
    static auto* const poll = new SocketPoll;
    return *poll;
}

/// The condition on which Paho's sending thread waits for commands; Paho signals no other. Its mutex is known
/// once the thread has waited.
struct SenderWakeUp {
    std::atomic<pthread_cond_t*> condition = nullptr;
    std::atomic<pthread_mutex_t*> mutex = nullptr;
    /// Paho looks for commands, and then waits without looking again: a signal in between would be lost, and
    /// the command sent a second later. So it is remembered here, under the condition's mutex.
    std::atomic<bool> signalled = false;
};

SenderWakeUp sender; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// What this thread's PublishBatch does with signals.
struct HeldSignal {
    bool holds = false;
    bool wanted = false;
};

thread_local HeldSignal held; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void wake_sender() {
    auto* const condition = sender.condition.load();
    auto* const mutex = sender.mutex.load();
    if (condition == nullptr) {
        return;
    }
    if (mutex != nullptr) {
        pthread_mutex_lock(mutex);
    }
    sender.signalled = true;
    pthread_cond_signal(condition);
    if (mutex != nullptr) {
        pthread_mutex_unlock(mutex);
    }
}

} // namespace

void polled_socket_opened(int descriptor) {
    guard("opened socket", [descriptor] { socket_poll().opened(descriptor); });
}

void polled_socket_closes(int descriptor) {
    guard("closed socket", [descriptor] { socket_poll().closes(descriptor); });
}

PublishBatch::PublishBatch() noexcept {
    held = {.holds = true};
}

PublishBatch::~PublishBatch() {
    if (std::exchange(held, {}).wanted) {
        wake_sender();
    }
}

} // namespace bambu2mqtt

#ifdef BAMBU2MQTT_PACKET_LIMIT
namespace bambu2mqtt {

namespace {

/// Below that poll() is as fast.
constexpr std::size_t few_sockets = 16;

/// The flags with which Paho polls for reading, and nobody else: they tell its receive thread from others.
constexpr short paho_reads = POLLIN | POLLNVAL;

/// Whether this call of poll() is one of Paho's receive thread. It starts with the question for writing.
[[nodiscard]] bool is_of_paho(std::span<const pollfd> sockets, int milliseconds) {
    thread_local bool is_receive_thread = false;
    const auto events = sockets.front().events;
    is_receive_thread = is_receive_thread || events == paho_reads;
    return is_receive_thread && (events == paho_reads || (events == POLLOUT && milliseconds == 0));
}

} // namespace

} // namespace bambu2mqtt

// Names and place in the link: see packet_limit.cpp, which needs this object. Weak ones: a fuzzer has its
// own.
extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier)
int __real_poll(pollfd* sockets, nfds_t count, int milliseconds);
SSL* __real_SSL_new(SSL_CTX* context);
int __real_pthread_cond_signal(pthread_cond_t* condition);
int __real_pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until);

[[gnu::weak]] int __wrap_poll(pollfd* sockets, nfds_t count, int milliseconds);
SSL* __wrap_SSL_new(SSL_CTX* context);
int __wrap_pthread_cond_signal(pthread_cond_t* condition);
[[gnu::weak]] int __wrap_pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                                const timespec* until);

int __wrap_poll(pollfd* sockets, nfds_t count, int milliseconds) {
    int result = -1;
    if (count >= bambu2mqtt::few_sockets) {
        bambu2mqtt::guard("poll", [&] {
            const std::span all(sockets, count);
            if (bambu2mqtt::is_of_paho(all, milliseconds)) {
                result = bambu2mqtt::socket_poll().poll(all, milliseconds);
            }
        });
    }
    return result >= 0 ? result : __real_poll(sockets, count, milliseconds);
}

// 34 kB less for each connection on which nothing is being received: OpenSSL returns its buffers to the heap.
SSL* __wrap_SSL_new(SSL_CTX* context) {
    SSL* const ssl = __real_SSL_new(context);
    if (ssl != nullptr) {
        SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
    }
    return ssl;
}

// Paho holds the condition's mutex.
int __wrap_pthread_cond_signal(pthread_cond_t* condition) {
    bambu2mqtt::sender.condition = condition;
    if (bambu2mqtt::held.holds) {
        bambu2mqtt::held.wanted = true;
        return 0;
    }
    bambu2mqtt::sender.signalled = true;
    return __real_pthread_cond_signal(condition);
}

int __wrap_pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
    auto& sender = bambu2mqtt::sender;
    if (condition != sender.condition) {
        return __real_pthread_cond_timedwait(condition, mutex, until);
    }
    sender.mutex = mutex;
    const int result = sender.signalled ? 0 : __real_pthread_cond_timedwait(condition, mutex, until);
    sender.signalled = false;
    return result;
}

// NOLINTEND(bugprone-reserved-identifier)

} // extern "C"
#endif
