#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/topic/response_topic.hpp>
#include <bambu2mqtt/topic/topic_text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace bambu2mqtt {

namespace {

/// Why the topic is invalid as text; empty if it is valid.
std::string problem_of_text(std::string_view topic) {
    if (topic.size() > longest_response_topic) {
        return fmt::format("it has {} bytes, at most {} are allowed", topic.size(), longest_response_topic);
    }
    const auto levels = std::ranges::count(topic, '/') + 1;
    if (levels > static_cast<std::ptrdiff_t>(deepest_response_topic)) {
        return fmt::format("it has {} levels, at most {} are allowed", levels, deepest_response_topic);
    }
    return is_topic(topic) ? std::string{} : "it is not a topic that can be published on";
}

/// Why the place of the topic is not allowed; empty if it is.
std::string problem_of_place(std::string_view topic, const ResponseTopics& settings) {
    const auto own = settings.base_topic + "/response/#";
    if (topic.starts_with('$')) {
        return "topics that begin with $ belong to the broker";
    }
    if (is_at_or_below(topic, settings.discovery_prefix) || is_at_or_below(topic, settings.status_topic)) {
        return "it is a Home Assistant topic";
    }
    const bool answers_of_ours = filter_takes(own, topic);
    if (is_at_or_below(topic, settings.base_topic) && !answers_of_ours) {
        return fmt::format("it is a gateway topic other than {}", own);
    }
    const bool listed = settings.filters.empty()
                            ? answers_of_ours
                            : std::ranges::any_of(settings.filters, [&](const std::string& filter) {
                                  return filter_takes(filter, topic);
                              });
    return listed ? std::string{} : "broker.response_topics does not allow it";
}

} // namespace

std::optional<std::string> response_topic_problem(std::string_view topic, const ResponseTopics& settings) {
    auto problem = problem_of_text(topic);
    if (problem.empty()) {
        problem = problem_of_place(topic, settings);
    }
    return problem.empty() ? std::nullopt
                           : std::optional{fmt::format("not published on the response topic \"{}\": {}",
                                                       sanitize_for_log(topic), problem)};
}

} // namespace bambu2mqtt
