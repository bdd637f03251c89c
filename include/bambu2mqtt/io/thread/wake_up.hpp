// Wakes a thread that waits for descriptors.
#pragma once

#include <bambu2mqtt/base/unique_fd.hpp>

namespace bambu2mqtt {

/// An eventfd. Thread-safe. Throws std::system_error when the system gives no descriptor.
class WakeUp {
  public:
    WakeUp();
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;

    /// For poll() with POLLIN: readable after notify(), until it is emptied.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

    void notify() const noexcept;

    void empty() const noexcept;

  private:
    UniqueFd descriptor_;
};

} // namespace bambu2mqtt
