// Whether a printer requires signed commands: evidence from reports and answers.
#include "printer/learning.hpp"
#include <bambu2mqtt/base/json_access.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

constexpr std::array<std::string_view, 2> signature_keys{"fun", "hms"};

/// HMS 0500-0500-0001-0007: a command could not be verified. The only evidence on firmware without `fun`.
bool is_signature_message(const Json& entry) {
    const auto is = [&](const char* key, std::uint64_t wanted) {
        return entry.is_object() && entry.contains(key) && read::signed_word(&entry[key]) == wanted;
    };
    return is("attr", 0x05000500) && is("code", 0x00010007);
}

} // namespace

bool learn_signature(Facts& facts, const ReportState& report, const ChangeFilter& filter) {
    if (!filter.in(signature_keys)) {
        return false;
    }
    const auto before = facts.signature;
    const Json* const messages = report.find("hms");
    if (const auto fun = read::word(report.find("fun"))) {
        facts.signature = read::bit(*fun, 29) ? Signature::needed : Signature::not_needed;
    } else if (!facts.has(Feature::fun) && messages != nullptr && messages->is_array()) {
        if (std::ranges::any_of(*messages, is_signature_message)) {
            facts.signature = Signature::needed;
        } else if (before == Signature::needed) {
            facts.signature = Signature::unknown;
        }
    }
    return facts.signature != before;
}

Signature signature_after(const Facts& facts, bool wanted, bool taken) {
    if (facts.has(Feature::fun)) {
        return facts.signature;
    }
    if (wanted && !facts.wants_signature()) {
        return Signature::suspected;
    }
    return taken && facts.signature == Signature::suspected ? Signature::unknown : facts.signature;
}

} // namespace bambu2mqtt
