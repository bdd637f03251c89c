// Replaces what identifies a printer, its owner and their files in messages of the report topic. Pure.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// Serial numbers, addresses, URLs, names of files, tasks and profiles, tags and ids become stand-ins of the
/// same shape; equal ones become equal stand-ins for the lifetime of the object. Enumerations, numbers,
/// versions, colours and bit fields stay, so that the messages decode to the same states. A text of an
/// unknown key stays only if it is a short number, a version or a common word ("on", "idle").
class Scrubber {
  public:
    /// `secrets`: texts that are replaced wherever they are, in any case: serial number, access code, host,
    /// name. Those shorter than four bytes are ignored.
    explicit Scrubber(const std::vector<std::string>& secrets);

    /// Replaces texts, identifying numbers and identifying keys in the whole message.
    void scrub(OrderedJson& message);

    /// The stand-in of a serial number: its first three characters, which tell the model, stay.
    [[nodiscard]] std::string serial(std::string_view original);

  private:
    /// Makes the stand-in with a number.
    using Make = std::function<std::string(std::uint64_t number)>;

    void scrub_object(OrderedJson& object, std::string_view name, int depth);
    void scrub_value(OrderedJson& value, std::string_view key, std::string_view parent, int depth);
    void scrub_number(OrderedJson& value, std::string_view key);
    [[nodiscard]] std::string text(const std::string& original, std::string_view key,
                                   std::string_view parent);
    [[nodiscard]] std::string by_shape(const std::string& original);
    [[nodiscard]] std::string id(const std::string& original);
    [[nodiscard]] std::string tag(const std::string& original);
    [[nodiscard]] std::string address(const std::string& original);
    [[nodiscard]] std::string url(const std::string& original);
    [[nodiscard]] std::string path(std::string_view original);
    [[nodiscard]] std::string name(std::string_view original);
    [[nodiscard]] std::string stand_in(std::string_view original, const Make& make);
    [[nodiscard]] bool has_secret(std::string_view text) const;

    std::vector<std::string> secrets_; ///< in lower case
    std::map<std::string, std::string, std::less<>> stand_ins_;
    std::set<std::string, std::less<>> used_;
    std::uint64_t last_ = 0;
};

} // namespace bambu2mqtt
