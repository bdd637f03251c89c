// When the state of a printer is written to disk.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace bambu2mqtt {

/// Remembers the content that was written last and when it has to be written again. Pure.
class PersistentState {
  public:
    /// The content of the file.
    void loaded(std::string content) { content_ = std::move(content); }

    /// Something worth keeping has changed: it is written at `moment` at the latest.
    void save_by(Instant moment) { due_ = std::min(due_.value_or(moment), moment); }

    /// When take() may have something.
    [[nodiscard]] const std::optional<Instant>& due() const noexcept { return due_; }

    /// The content that has to be written now: the result of `make`, if it is due and differs from the file.
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

    /// The last result of take(), or what was loaded.
    [[nodiscard]] const std::string& content() const noexcept { return content_; }

  private:
    std::string content_;
    std::optional<Instant> due_;
};

} // namespace bambu2mqtt
