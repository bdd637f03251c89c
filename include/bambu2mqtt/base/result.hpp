// How things fail: a value or an Error that says what was found and what was expected.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace bambu2mqtt {

/// What kind of failure it is; the words are the ones users see.
enum class Problem {
    malformed,    ///< text that does not parse: JSON, TOML, a certificate
    unknown,      ///< a name that means nothing here: a key, a command, a placeholder
    out_of_range, ///< a value outside what is allowed
    unavailable,  ///< something that should be there is not: a file, a peer
    refused,      ///< the other side said no
    timed_out,    ///< the other side said nothing
};

/// A failure. `detail` names the place (file, line, byte offset, key) and what was expected,
/// in lower case and without a full stop.
struct Error {
    Problem problem = Problem::malformed;
    std::string detail{};
};

/// Either a value or an Error. Reading the side that is not there is a bug and asserts.
template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}

    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const noexcept { return content_.index() == 0; }

    explicit operator bool() const noexcept { return ok(); }

    [[nodiscard]] const T& value() const& {
        assert(ok());
        return std::get<0>(content_);
    }

    [[nodiscard]] T& value() & {
        assert(ok());
        return std::get<0>(content_);
    }

    [[nodiscard]] T&& value() && {
        assert(ok());
        return std::get<0>(std::move(content_));
    }

    [[nodiscard]] const Error& error() const {
        assert(!ok());
        return std::get<1>(content_);
    }

    const T& operator*() const& { return value(); }

    T& operator*() & { return value(); }

    const T* operator->() const { return &value(); }

    T* operator->() { return &value(); }

  private:
    std::variant<T, Error> content_;
};

} // namespace bambu2mqtt
