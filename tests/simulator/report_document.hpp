#pragma once
// The state of one printer as its firmware stores it: one JSON object, and its changes since the last report.
// Knows how firmware splits changes into partial reports, not the meaning of keys.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

namespace bambu2mqtt::simulator {

/// The object under `print` with change tracking. A partial report has each changed value at its own path;
/// arrays are sent completely, except `ams.ams`, of which only changed units are sent, each of them
/// completely, as P1 printers do.
class ReportDocument {
  public:
    using Path = std::initializer_list<std::string_view>;

    /// `state` is the complete state, without `command`, `msg` and `sequence_id`.
    ReportDocument(nlohmann::json state, std::uint32_t first_sequence);

    /// The complete state.
    [[nodiscard]] const nlohmann::json& state() const { return state_; }

    /// Sets the value at `path`, creating objects as needed; an equal value is not a change.
    void set(Path path, nlohmann::json value);

    /// Sets every value of `patch`, an object, at its path. Arrays replace. `ams.ams` is not allowed in it:
    /// use set_unit().
    void merge(const nlohmann::json& patch);

    /// Sets values in elements of the list at `path`, identified by their `id`: each of `elements` has the id
    /// and the values. The next partial report has only changed elements, each as in `elements`. An id that
    /// is not in the list is ignored.
    void set_elements(Path path, const nlohmann::json& elements);

    /// Adds or replaces the AMS unit with that element's `id`.
    void set_unit(nlohmann::json unit);

    /// Removes the AMS unit with that id; the next partial report then has the complete list.
    void remove_unit(const std::string& id);

    /// Sends the value at `path` in the next partial report although it is unchanged.
    void send_again(Path path);

    /// The AMS unit with that id; null when there is none.
    [[nodiscard]] const nlohmann::json* unit(const std::string& id) const;

    /// The next full message (msg 0).
    [[nodiscard]] std::string full_report();

    /// The next message with the changes since the last one (msg 1); also without changes.
    [[nodiscard]] std::string partial_report();

  private:
    [[nodiscard]] std::string message(nlohmann::json body, int kind);
    void merge_below(nlohmann::json& target, nlohmann::json& changes, const nlohmann::json& patch);

    nlohmann::json state_;
    nlohmann::json changes_ = nlohmann::json::object();
    std::set<std::string> changed_units_;
    std::uint32_t sequence_;
};

} // namespace bambu2mqtt::simulator
