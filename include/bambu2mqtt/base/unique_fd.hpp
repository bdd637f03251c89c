// The owner of a file descriptor.
#pragma once

#include <utility>

namespace bambu2mqtt {

/// Closes its descriptor with itself. Moving leaves the source without one.
class UniqueFd {
  public:
    /// Owns nothing when `descriptor` is negative, as failed system calls give it.
    explicit UniqueFd(int descriptor = -1) noexcept : descriptor_(descriptor) {}

    UniqueFd(UniqueFd&& other) noexcept : descriptor_(other.release()) {}

    UniqueFd& operator=(UniqueFd&& other) noexcept {
        reset(other.release());
        return *this;
    }

    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;

    ~UniqueFd() { reset(); }

    /// The descriptor; negative when there is none.
    [[nodiscard]] int get() const noexcept { return descriptor_; }

    [[nodiscard]] bool valid() const noexcept { return descriptor_ >= 0; }

    /// Gives the descriptor away: the caller closes it.
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }

    /// Closes what it owns, and owns `descriptor` from now on. errno stays as it was: it often says why the
    /// new one could not be opened.
    void reset(int descriptor = -1) noexcept;

  private:
    int descriptor_;
};

} // namespace bambu2mqtt
