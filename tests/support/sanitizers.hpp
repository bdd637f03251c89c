#pragma once

namespace bambu2mqtt::test_support {

/// True in builds with sanitizers, which cost time and memory: measurements have no meaning then.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
inline constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool sanitized = false;
#endif

} // namespace bambu2mqtt::test_support
