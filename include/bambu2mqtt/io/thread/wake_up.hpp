// Wakes a thread that waits for descriptors.
#pragma once

namespace bambu2mqtt {

/// An eventfd. Thread-safe. Throws std::system_error when the system gives no descriptor.
class WakeUp {
  public:
    WakeUp();
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;
    ~WakeUp();

    /// To be waited for with POLLIN: readable once somebody called, until it is emptied.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    void notify() const noexcept;

    void empty() const noexcept;

  private:
    int descriptor_;
};

} // namespace bambu2mqtt
