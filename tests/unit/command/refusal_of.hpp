// The refusal in a result of the command table.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/status.hpp>

namespace bambu2mqtt::test {

/// nullptr for a result that is no refusal. `result` outlives the pointer.
template <typename T>
[[nodiscard]] const Refusal* refusal_of(const expected<T, Refusal>& result) {
    return result ? nullptr : &result.error();
}

} // namespace bambu2mqtt::test
