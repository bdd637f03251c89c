// Loaded into a program under test with LD_PRELOAD: shifts its wall clock by the number of seconds in the
// file named by BAMBU2MQTT_TEST_CLOCK; changing that file sets the clock. Deadlines use the steady clock and
// are not affected.
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

long long wrong_by() {
    const char* const file = std::getenv("BAMBU2MQTT_TEST_CLOCK");
    char text[32] = {};
    const int descriptor = file == nullptr ? -1 : open(file, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return 0;
    }
    const ssize_t count = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    return count > 0 ? std::atoll(text) : 0;
}

timespec true_time() {
    timespec now{};
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    return now;
}

} // namespace

extern "C" {

/// Used by OpenSSL.
time_t time(time_t* into) {
    const time_t now = true_time().tv_sec + wrong_by();
    if (into != nullptr) {
        *into = now;
    }
    return now;
}

/// Symbol of std::chrono::system_clock::now() in libstdc++: nanoseconds since 1970.
long long shifted_system_clock_now() asm("_ZNSt6chrono3_V212system_clock3nowEv");

long long shifted_system_clock_now() {
    const timespec now = true_time();
    return (now.tv_sec + wrong_by()) * 1000000000LL + now.tv_nsec;
}
}
