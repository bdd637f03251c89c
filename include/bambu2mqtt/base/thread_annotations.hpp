// What Clang's -Wthread-safety checks at compile time: which mutex guards which data. Other compilers see
// nothing of it. Meaning of each attribute: https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#pragma once

#if defined(__clang__)
#define BAMBU2MQTT_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define BAMBU2MQTT_THREAD_ATTRIBUTE(x)
#endif

/// On a class that is locked and unlocked.
#define CAPABILITY(name) BAMBU2MQTT_THREAD_ATTRIBUTE(capability(name))
/// On a class that holds a lock from its construction to its destruction.
#define SCOPED_CAPABILITY BAMBU2MQTT_THREAD_ATTRIBUTE(scoped_lockable)
/// On a data member: read and written only while `mutex` is held.
#define GUARDED_BY(mutex) BAMBU2MQTT_THREAD_ATTRIBUTE(guarded_by(mutex))
/// On a function: the caller holds the mutex.
#define REQUIRES(...) BAMBU2MQTT_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
/// On a function: the caller must not hold the mutex, because the function takes it.
#define EXCLUDES(...) BAMBU2MQTT_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
/// On a function that locks, and on one that unlocks.
#define ACQUIRE(...) BAMBU2MQTT_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) BAMBU2MQTT_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
