// Entities of a printer that have to be published again.
#pragma once

#include <bambu2mqtt/state/printer.hpp>

#include <cstddef>
#include <vector>

namespace bambu2mqtt {

/// Collects the changes of one message's updates, so that each entity is published once, at the end. Entities
/// are identified by their index in the printer's layout: between add() and clear() the layout must only
/// change by an update with `layout_changed`.
class ChangedEntities {
  public:
    /// Adds the changes of an update; every entity if entities were added or removed.
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

    /// True if there was any update, also one without changes.
    [[nodiscard]] bool updated() const noexcept { return updated_; }

    [[nodiscard]] bool layout_changed() const noexcept { return layout_changed_; }

    /// True if every entity has to be published.
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

    /// Removes all entries; keeps the memory.
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
