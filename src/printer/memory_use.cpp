#include "printer/memory_use.hpp"

#include <bambu2mqtt/printer/text.hpp>

#include <algorithm>

namespace bambu2mqtt {

namespace {

void add_memory(const simdjson::dom::element& source, std::size_t most, std::size_t& sum);

void add_memory(const simdjson::dom::object& source, std::size_t most, std::size_t& sum) {
    sum += memory_use::object;
    for (const auto field : source) {
        sum += memory_use::member(std::min(field.key.size(), longest_text));
        add_memory(field.value, most, sum);
        if (sum > most) {
            return;
        }
    }
}

/// Adds what an element can become to `sum`.
void add_memory(const simdjson::dom::element& source, std::size_t most, std::size_t& sum) {
    if (source.is_object()) {
        add_memory(source.get_object().value_unsafe(), most, sum);
    } else if (source.is_array()) {
        sum += memory_use::list;
        const simdjson::dom::array list = source.get_array().value_unsafe();
        for (const simdjson::dom::element item : list) {
            sum += memory_use::member(0); // a keyed list becomes an object
            add_memory(item, most, sum);
            if (sum > most) {
                return;
            }
        }
    } else if (source.is_string()) {
        sum += memory_use::text + std::min(source.get_string().value_unsafe().size(), longest_text);
    }
}

} // namespace

std::size_t memory_of(const Json& value) {
    std::size_t sum = 0;
    if (value.is_object()) {
        sum = memory_use::object;
        for (const auto& [key, member] : value.get_ref<const Json::object_t&>()) {
            sum += memory_use::member(key.size()) + memory_of(member);
        }
    } else if (value.is_array()) {
        sum = memory_use::list;
        for (const auto& item : value) {
            sum += memory_use::in_list + memory_of(item);
        }
    } else if (value.is_string()) {
        sum = memory_use::text + value.get_ref<const std::string&>().size();
    }
    return sum;
}

std::size_t memory_of(const simdjson::dom::object& source, std::size_t most) {
    std::size_t sum = 0;
    add_memory(source, most, sum);
    return sum;
}

} // namespace bambu2mqtt
