// A printer under test: messages in, values out as the broker would receive them. After every message it
// checks that the incrementally decoded values equal a decoding of the complete state.
#pragma once

#include "unit/source_directory.hpp"
#include "unit/state/decode_fresh.hpp"
#include <bambu2mqtt/state/printer.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::test {

/// Options of a printer under test.
struct Given {
    std::optional<Model> model{};
    std::string serial = "TEST";
    Rounding rounding = Rounding::plain;
    std::optional<Facts> remembered{};
};

/// The expected rows `id = payload` of a printer; "(absent)" for entities it must not have.
struct Shown {
    std::string_view id{};
    std::string_view payload{};
};

class FedPrinter {
  public:
    FedPrinter() : FedPrinter(Given{}) {}

    explicit FedPrinter(const Given& given)
        : rounding_(given.rounding), printer_(given.serial, given.model, given.rounding, given.remembered) {
        remember();
    }

    /// One message, unchanged; must be valid.
    Update feed(std::string_view message, std::optional<Now> now = std::nullopt) {
        const auto update = printer_.take(message, parser_, now);
        INFO("message: ", std::string{message.substr(0, 400)});
        REQUIRE(update.has_value());
        check_consistent(*update);
        return *update;
    }

    /// All messages of a text, one per line.
    void feed_lines(std::string_view text) {
        for (const auto& fragment : split_messages(text)) {
            feed(fragment.text);
        }
    }

    /// A full status of these members: "\"mc_percent\":1".
    Update full(std::string_view members, std::optional<Now> now = std::nullopt) {
        return feed(status(0, members), now);
    }

    Update partial(std::string_view members, std::optional<Now> now = std::nullopt) {
        return feed(status(1, members), now);
    }

    /// True if the text is refused as a message; then nothing may have changed.
    bool refuses(std::string_view message) {
        const Json before = printer_.report_state().root();
        const bool refused = !printer_.take(message, parser_, std::nullopt).has_value();
        CHECK((!refused || before == printer_.report_state().root()));
        return refused;
    }

    Update tick(Now now) {
        const auto update = printer_.tick(now);
        check_consistent(update);
        return update;
    }

    Update set_connection(ConnectionStatus connection) {
        const auto update = printer_.set_connection(std::move(connection));
        check_consistent(update);
        return update;
    }

    Update give_chamber_temperature(double degrees) {
        const auto update = printer_.give_chamber_temperature(degrees);
        check_consistent(update);
        return update;
    }

    /// Drops units absent for this long.
    bool forget(std::int64_t absent_seconds) {
        const bool forgotten = printer_.forget_absent_units(absent_seconds);
        remember();
        return forgotten;
    }

    [[nodiscard]] std::optional<std::size_t> find(std::string_view id) const {
        const auto& instances = printer_.layout().instances();
        for (std::size_t i = 0; i < instances.size(); ++i) {
            if (instances[i].id == id) {
                return i;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] bool has(std::string_view id) const { return find(id).has_value(); }

    /// The state payload; "(absent)" where there is no such entity.
    [[nodiscard]] std::string operator[](std::string_view id) const {
        const auto index = find(id);
        return index ? payload_of(printer_.value(*index)) : "(absent)";
    }

    /// An attribute as JSON text; "(absent)" if there is none.
    [[nodiscard]] std::string attribute(std::string_view id, const char* key) const {
        const auto index = find(id);
        const auto all = index ? printer_.attributes(*index) : OrderedJson(nullptr);
        return all.is_object() && all.contains(key) ? all[key].dump() : "(absent)";
    }

    void check(std::initializer_list<Shown> rows) const {
        for (const auto& row : rows) {
            INFO("entity: ", std::string{row.id});
            CHECK((*this)[row.id] == row.payload);
        }
    }

    /// All current states, by entity id.
    [[nodiscard]] std::map<std::string, std::string> states() const {
        std::map<std::string, std::string> result;
        const auto& instances = printer_.layout().instances();
        for (std::size_t i = 0; i < instances.size(); ++i) {
            result[instances[i].id] = payload_of(printer_.value(i));
        }
        return result;
    }

    [[nodiscard]] Printer& printer() noexcept { return printer_; }

    [[nodiscard]] const Printer& printer() const noexcept { return printer_; }

    [[nodiscard]] const Facts& facts() const noexcept { return printer_.facts(); }

    static std::string status(int msg, std::string_view members) {
        return R"({"print":{"command":"push_status","msg":)" + std::to_string(msg) +
               (members.empty() ? "" : ",") + std::string{members} + "}}";
    }

  private:
    struct Shadow {
        Value value{};
        std::string rest{}; ///< attributes and newest version
    };

    [[nodiscard]] Shadow shadow(std::size_t index) const {
        return Shadow{printer_.value(index),
                      printer_.attributes(index).dump(-1, ' ', false, OrderedJson::error_handler_t::replace) +
                          payload_of(printer_.latest(index))};
    }

    void remember() {
        shadows_.clear();
        for (std::size_t i = 0; i < printer_.layout().instances().size(); ++i) {
            shadows_.push_back(shadow(i));
        }
    }

    void check_consistent(const Update& update) {
        const auto& instances = printer_.layout().instances();
        for (std::size_t i = 0; i < instances.size(); ++i) {
            const bool reported = std::ranges::find(update.changed, i) != update.changed.end();
            const bool decodes = instances[i].entity->decode != nullptr && printer_.present(i);
            const bool banded = rounding_ == Rounding::banded &&
                                (instances[i].entity->coarse || instances[i].entity->hysteresis > 0);
            if (decodes && !banded && printer_.value(i) != decode_fresh(printer_, i)) {
                FAIL_CHECK(instances[i].id, " shows ", payload_of(printer_.value(i)), " and the report says ",
                           payload_of(decode_fresh(printer_, i)));
            }
            const auto now = update.layout_changed || reported ? Shadow{} : shadow(i);
            if (!update.layout_changed && !reported &&
                (now.value != shadows_[i].value || now.rest != shadows_[i].rest)) {
                FAIL_CHECK(instances[i].id, " changed and was not reported: ", shadows_[i].rest, " -> ",
                           now.rest);
            }
        }
        remember();
    }

    Rounding rounding_;
    Printer printer_;
    ReportParser parser_;
    std::vector<Shadow> shadows_;
};

inline std::filesystem::path fixtures() {
    return source_directory() / "tests" / "fixtures";
}

/// The content of a file; the test fails when it does not exist.
inline std::string text_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    INFO("file: ", path.string());
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// get_version and a full status of a model: one message per line.
inline std::string fixture(std::string_view model) {
    return text_of(fixtures() / "reports" / model / "full.jsonl");
}

/// The models that have fixtures.
inline constexpr std::array<std::string_view, 14> fixture_models{
    "a1", "a1mini", "a2l", "h2c", "h2d", "h2dpro", "h2s", "p1p", "p1s", "p2s", "x1c", "x1e", "x1plus", "x2d"};

} // namespace bambu2mqtt::test
