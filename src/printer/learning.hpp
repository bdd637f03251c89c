// Who learns what from a merged report and from a module list, for learn() and learn_modules().
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <span>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// What of the merged report became different. Valid as long as the changes are.
class ChangeFilter {
  public:
    /// nullptr: all of it.
    explicit ChangeFilter(const Changes* changes) : changes_(changes) {}

    /// Whether there is any in the fields of a report with these keys.
    [[nodiscard]] bool in(std::span<const std::string_view> keys) const {
        return changes_ == nullptr || touch(*changes_, keys);
    }

    [[nodiscard]] bool in(std::string_view key) const { return in(std::span{&key, 1}); }

  private:
    const Changes* changes_;
};

/// Each returns whether anything changed.
bool learn_features(Facts& facts, const ReportState& report, const ChangeFilter& filter);
bool learn_signature(Facts& facts, const ReportState& report, const ChangeFilter& filter);
bool learn_units(Facts& facts, const ReportState& report);

/// Kind, serial and firmware of the AMS unit that a module of get_version is, if it is one.
void learn_unit_module(Facts& facts, const Json& module);

/// A text member of a module; empty where there is none.
[[nodiscard]] std::string text_of(const Json& module, const char* key);

} // namespace bambu2mqtt
