// Feeds arbitrary bytes to the real client (Paho, MQTT 5 and 3.1.1) as the broker's data after or instead of
// CONNACK. The client must neither crash nor use memory above the packet limit, and each connection must end.
// After a valid CONNACK the client subscribes (packet identifier 1) and publishes (2), so that
// acknowledgements match something.
//
// input: byte 0: bit 0 MQTT version, bit 1 whether a valid CONNACK comes first, bits 2-3 how the bytes are
//        split (see steps), bit 4 whether they are sent together with the CONNACK; then the bytes to send
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>
#include <bambu2mqtt/io/thread/services.hpp>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace {

using namespace bambu2mqtt;
using namespace std::chrono_literals;

constexpr long tick = 300'000; ///< ns

/// How often Paho's receiving thread polled and found nothing to read.
std::atomic<unsigned> idle_looks = 0;

} // namespace

// Paho checks for new connections once per second (poll), sleeps 100 ms without any (usleep), and its sending
// thread may miss a wake-up for a second (pthread_cond_timedwait): an input would take more than a second.
// With the linker's --wrap these calls return after one tick, as if the time had passed.
extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier)
int __real_poll(pollfd* descriptors, nfds_t count, int milliseconds);
int __real_usleep(useconds_t microseconds);
int __real_pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until);

int __wrap_poll(pollfd* descriptors, nfds_t count, int milliseconds);
int __wrap_usleep(useconds_t microseconds);
int __wrap_pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until);

int __wrap_poll(pollfd* descriptors, nfds_t count, int milliseconds) {
    const int ready = __real_poll(descriptors, count, 0);
    if (ready != 0 || milliseconds == 0) {
        return ready;
    }
    ++idle_looks;
    const timespec soon{0, tick};
    return ppoll(descriptors, count, &soon, nullptr);
}

int __wrap_usleep(useconds_t microseconds) {
    return __real_usleep(std::min<useconds_t>(microseconds, tick / 1000));
}

int __wrap_pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
    constexpr long second = 1'000'000'000;
    timespec soon{};
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += tick;
    if (soon.tv_nsec >= second) {
        soon.tv_nsec -= second;
        ++soon.tv_sec;
    }
    const bool sooner =
        until->tv_sec < soon.tv_sec || (until->tv_sec == soon.tv_sec && until->tv_nsec < soon.tv_nsec);
    return __real_pthread_cond_timedwait(condition, mutex, sooner ? until : &soon);
}

// NOLINTEND(bugprone-reserved-identifier)

} // extern "C"

namespace {

constexpr std::array<std::size_t, 4> steps{0, 1, 5, 64}; ///< bytes sent at a time; 0: all
constexpr std::size_t most_steps = 12;                   ///< then the rest in one piece
constexpr ssize_t requests_v3 = 16;                      ///< bytes of the client's SUBSCRIBE and PUBLISH
constexpr ssize_t requests_v5 = 22;
constexpr auto longest_end = 8s; ///< also on a busy machine

/// A port of 127.0.0.1 that listens for the lifetime of the process.
struct Listener {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::uint16_t port = 0;

    Listener() {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof place;
        auto* const generic = reinterpret_cast<sockaddr*>(&place);
        if (bind(descriptor, generic, size) != 0 || listen(descriptor, 16) != 0 ||
            getsockname(descriptor, generic, &size) != 0) {
            std::abort();
        }
        port = ntohs(place.sin_port);
    }
};

/// The client's callbacks: send the requests that need acknowledgements, and wait for the end of the
/// connection.
class End final : public MqttListener {
  public:
    MqttClient* client = nullptr; ///< set before it connects

    void on_connected(const ServerLimits&) noexcept override {
        static_cast<void>(client->subscribe("a", {.answer = SubscribeAnswer::wanted}));
        static_cast<void>(client->publish("b", "c", false, "d"));
    }

    void on_connect_failed(ConnectFailure) noexcept override { over(); }

    void on_lost(std::string_view, int) noexcept override { over(); }

    void on_subscribed(std::string_view filter, bool) noexcept override { read(filter); }

    void on_acknowledged(int, int) noexcept override {}

    void on_message(const MqttMessage& message) noexcept override {
        for (const auto text :
             {message.topic, message.payload, message.response_topic, message.correlation}) {
            read(text);
        }
    }

    [[nodiscard]] bool wait() {
        std::unique_lock lock{mutex_};
        return ended_.wait_for(lock, longest_end, [this] { return over_; });
    }

  private:
    /// Reads all available data.
    void read(std::string_view text) {
        for (const char c : text) {
            sum_ = sum_ + static_cast<unsigned char>(c);
        }
    }

    void over() {
        const std::lock_guard lock{mutex_};
        over_ = true;
        ended_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable ended_;
    bool over_ = false;
    volatile unsigned sum_ = 0;
};

/// Repeats a system call that a signal interrupted: libFuzzer's timer does so every few seconds.
template <typename Call>
auto uninterrupted(const Call& call) {
    auto result = call();
    while (result < 0 && errno == EINTR) {
        result = call();
    }
    return result;
}

/// Acknowledges received data immediately: otherwise the client's next small packet waits 40 ms for that
/// (Nagle's algorithm there, delayed acknowledgement here). The kernel resets the option with each reception.
void acknowledge(int descriptor) {
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

[[nodiscard]] bool readable(int descriptor, int milliseconds) {
    pollfd waiting{descriptor, POLLIN, 0};
    return uninterrupted([&] { return __real_poll(&waiting, 1, milliseconds); }) > 0;
}

/// Reads up to this many bytes from the client; fewer at the end of the stream, or when nothing arrives in
/// time.
void drain(int client, ssize_t bytes, int milliseconds) {
    std::array<char, 1024> request{};
    ssize_t count = 0;
    while (bytes > 0 && readable(client, milliseconds) &&
           (count = uninterrupted([&] { return recv(client, request.data(), request.size(), 0); })) > 0) {
        acknowledge(client);
        bytes -= count;
    }
}

/// Waits until Paho has read what was sent: until its second poll from now finds nothing. At most 20 ms.
void let_read() {
    const unsigned before = idle_looks;
    for (int i = 0; i < 100 && idle_looks - before < 2; ++i) {
        __real_usleep(200);
    }
}

struct Sending {
    bool v5 = false;
    bool greets = false;
    bool at_once = false;
    std::size_t step = 0;
    std::string_view bytes;
};

void send_all(int client, std::string_view bytes) {
    send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void answer(int client, const Sending& what) {
    std::string_view rest = what.bytes;
    if (what.greets) {
        using namespace std::string_view_literals;
        std::string first(what.v5 ? "\x20\x03\x00\x00\x00"sv : "\x20\x02\x00\x00"sv);
        if (what.at_once) {
            first += rest;
            rest = {};
        }
        send_all(client, first);
        if (!what.at_once) {
            drain(client, what.v5 ? requests_v5 : requests_v3, 50);
        }
    }
    for (std::size_t i = 0; what.step > 0 && i < most_steps && rest.size() > what.step; ++i) {
        send_all(client, rest.substr(0, what.step));
        rest.remove_prefix(what.step);
        let_read();
    }
    send_all(client, rest);
}

void serve(int listener, const Sending& what) {
    if (!readable(listener, 2000)) {
        return;
    }
    const int client = uninterrupted([&] { return accept4(listener, nullptr, nullptr, SOCK_CLOEXEC); });
    const int on = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    acknowledge(client);
    std::array<char, 1024> request{};
    if (uninterrupted([&] { return recv(client, request.data(), request.size(), 0); }) > 0) {
        acknowledge(client);
        answer(client, what);
        shutdown(client, SHUT_WR);
        drain(client, std::numeric_limits<ssize_t>::max(), 1000);
    }
    close(client);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const MqttLibrary library;
    static const Listener listener;
    if (size < 2) {
        return 0;
    }
    std::signal(SIGPIPE, SIG_IGN);
    const unsigned how = data[0];
    const Sending what{.v5 = (how & 1U) != 0,
                       .greets = (how & 2U) != 0,
                       .at_once = (how & 16U) != 0,
                       .step = steps[how >> 2U & 3U],
                       .bytes = {reinterpret_cast<const char*>(data) + 1, size - 1}};
    const auto end = std::make_shared<End>();
    MqttClient client{{.uri = fmt::format("tcp://127.0.0.1:{}", listener.port),
                       .client_id = "fuzz",
                       .version = what.v5 ? MqttVersion::v5 : MqttVersion::v3_1_1,
                       .largest_packet = 65536},
                      end};
    end->client = &client;
    if (!client.connect()) {
        std::abort();
    }
    serve(listener.descriptor, what);
    if (!end->wait()) {
        std::abort();
    }
    return 0;
}
