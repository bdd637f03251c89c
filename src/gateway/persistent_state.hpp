// When the state of a printer is written to disk.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace bambu2mqtt {

/// Holds what was written last and the moment it has to be written again. Pure.
class PersistentState {
  public:
    /// What is on disk.
    void loaded(std::string content) { content_ = std::move(content); }

    /// Something worth keeping has changed: it is written at `moment` at the latest.
    void save_by(Instant moment) { due_ = std::min(due_.value_or(moment), moment); }

    /// When take() may have something.
    [[nodiscard]] const std::optional<Instant>& due() const noexcept { return due_; }

    /// What has to be written now: what `make` gives, where that is due and is not on disk already.
    template <typename Make>
    [[nodiscard]] std::optional<std::string> take(Instant now, const Make& make) {
        if (!due_ || now < *due_) {
            return std::nullopt;
        }
        due_.reset();
        std::string content = make();
        if (content == content_) {
            return std::nullopt;
        }
        content_ = content;
        return content;
    }

    /// What take() gave last, else what was loaded.
    [[nodiscard]] const std::string& content() const noexcept { return content_; }

  private:
    std::string content_;
    std::optional<Instant> due_;
};

} // namespace bambu2mqtt
