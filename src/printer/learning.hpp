// Parts of learn() and learn_modules(): facts from a merged report and from a module list.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Changes of the merged report. Valid as long as the underlying changes.
class ChangeFilter {
  public:
    /// nullptr: everything.
    explicit ChangeFilter(const Changes* changes) : changes_(changes) {}

    /// True if anything changed in the fields of a report with these keys.
    [[nodiscard]] bool in(std::span<const std::string_view> keys) const {
        return changes_ == nullptr || touch(*changes_, keys);
    }

    [[nodiscard]] bool in(std::string_view key) const { return in(std::span{&key, 1}); }

  private:
    const Changes* changes_;
};

/// The inverse; nothing for an unknown name.
[[nodiscard]] std::optional<Feature> feature_called(std::string_view name);

/// Each returns true if anything changed.
bool learn_features(Facts& facts, const ReportState& report, const ChangeFilter& filter);
bool learn_signature(Facts& facts, const ReportState& report, const ChangeFilter& filter);
bool learn_units(Facts& facts, const ReportState& report);

/// Sets kind, serial and firmware of an AMS unit from its module in get_version; ignores other modules.
void learn_unit_module(Facts& facts, const Json& module);

} // namespace bambu2mqtt
