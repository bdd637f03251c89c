#pragma once
// The state of one printer as its firmware keeps it: one JSON object, and what of it changed since the last
// report. Knows how firmware divides changes into partial reports, not what any key means.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

namespace bambu2mqtt::simulator {

/// The object under `print` with change tracking. A partial report holds each changed value at its own path;
/// arrays go whole, except `ams.ams`, of which only changed units are sent, and each of those whole, as P1
/// printers do.
class ReportDocument {
  public:
    using Path = std::initializer_list<std::string_view>;

    /// `state` is the whole state, without `command`, `msg` and `sequence_id`.
    ReportDocument(nlohmann::json state, std::uint32_t first_sequence);

    /// The whole state.
    [[nodiscard]] const nlohmann::json& state() const { return state_; }

    /// Sets the value at `path`, making objects on the way; a value that is there already is no change.
    void set(Path path, nlohmann::json value);

    /// Sets every value of `patch`, an object, at its path. Arrays replace. `ams.ams` may not be in it: use
    /// set_unit().
    void merge(const nlohmann::json& patch);

    /// Sets values in elements of the list at `path`, told apart by their `id`: each of `elements` holds the
    /// id and the values. The next partial report holds only elements that changed, each as it is in
    /// `elements`. An id that is not in the list is passed over.
    void set_elements(Path path, const nlohmann::json& elements);

    /// Adds or replaces the AMS unit with that element's `id`.
    void set_unit(nlohmann::json unit);

    /// Takes the AMS unit with that id away; the next partial report then holds the whole list.
    void remove_unit(const std::string& id);

    /// Sends what stands at `path` in the next partial report although it is the same.
    void send_again(Path path);

    /// The AMS unit with that id; null when there is none.
    [[nodiscard]] const nlohmann::json* unit(const std::string& id) const;

    /// The next message with everything in it (msg 0).
    [[nodiscard]] std::string full_report();

    /// The next message with what changed since the last one (msg 1); also when nothing did.
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
