#include <bambu2mqtt/topic/doctor_topics.hpp>
#include <bambu2mqtt/topic/topics.hpp>

namespace bambu2mqtt {

std::string doctor_topic(std::string_view base) {
    return std::string(base) + "/bridge/doctor";
}

std::string doctor_discovery_topic(std::string_view prefix) {
    return discovery_topic(prefix, "device", std::string(identifier_prefix) + "doctor");
}

} // namespace bambu2mqtt
