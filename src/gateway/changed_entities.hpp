// Which entities of a printer have to be published again.
#pragma once

#include <bambu2mqtt/state/printer.hpp>

#include <cstddef>
#include <vector>

namespace bambu2mqtt {

/// Collects what the updates of one message changed, so that each entity is published once, at its end.
/// Entities are named by their index in the printer's layout: between add() and clear() the layout must not
/// change but by an update that says so (`layout_changed`).
class ChangedEntities {
  public:
    /// Adds what an update changed; every entity where entities came or went.
    void add(const Update& update) {
        updated_ = true;
        layout_changed_ = layout_changed_ || update.layout_changed;
        if (all()) {
            return;
        }
        for (const auto index : update.changed) {
            if (index >= changed_.size()) {
                changed_.resize(index + std::size_t{1});
            }
            changed_[index] = true;
            any_ = true;
        }
    }

    /// Adds every entity.
    void add_all() noexcept { everything_ = true; }

    /// Whether there was any update, also one that changed nothing.
    [[nodiscard]] bool updated() const noexcept { return updated_; }

    [[nodiscard]] bool layout_changed() const noexcept { return layout_changed_; }

    /// Whether every entity has to be published.
    [[nodiscard]] bool all() const noexcept { return everything_ || layout_changed_; }

    /// Calls `use` with each index, in ascending order; not for all().
    template <typename Use>
    void for_each(const Use& use) const {
        for (std::size_t index = 0; any_ && index < changed_.size(); ++index) {
            if (changed_[index]) {
                use(index);
            }
        }
    }

    /// Forgets all of it; keeps the memory.
    void clear() noexcept {
        if (any_) {
            changed_.assign(changed_.size(), false);
        }
        any_ = updated_ = layout_changed_ = everything_ = false;
    }

  private:
    std::vector<bool> changed_; ///< by index
    bool any_ = false;          ///< one of them is set
    bool updated_ = false;
    bool layout_changed_ = false;
    bool everything_ = false;
};

} // namespace bambu2mqtt
