// The size of PUBLISH packets, as brokers count it.
#include "io/mqtt/publish_packet.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bambu2mqtt {

TEST_CASE("the size of a PUBLISH is that of the whole MQTT 5 packet") {
    const auto text = [](std::size_t size) { return std::string(size, 'x'); };

    struct Row {
        std::size_t topic, payload, correlation;
        bool acknowledged;
        std::size_t size;
    };

    // Fixed header, topic with its length, identifier, length of the properties, properties, payload.
    for (const Row& row : {
             Row{1, 0, 0, false, 2 + 3 + 1}, Row{1, 0, 0, true, 2 + 3 + 2 + 1},
             Row{1, 0, 4, true, 2 + 3 + 2 + 1 + 7}, Row{3, 121, 0, false, 2 + 5 + 1 + 121}, // 127 remain
             Row{3, 122, 0, false, 3 + 5 + 1 + 122},                                        // 128 remain
             Row{1, 0, 124, false, 3 + 3 + 1 + 127}, Row{1, 0, 125, false, 3 + 3 + 2 + 128},
             Row{3, 16377, 0, false, 3 + 5 + 1 + 16377}, // 16,383 remain
             Row{3, 16378, 0, false, 4 + 5 + 1 + 16378},
             Row{3, 2097146, 0, false, 5 + 5 + 1 + 2097146}, // 2,097,152 remain
         }) {
        CAPTURE(row.payload);
        CHECK(publish_size(text(row.topic), text(row.payload), text(row.correlation), row.acknowledged) ==
              row.size);
    }
}

TEST_CASE("topics that cannot be published on") {
    CHECK(is_publish_topic("a/b"));
    CHECK(is_publish_topic(std::string(65535, 'a')));
    for (const std::string& topic : {std::string{}, std::string{"a/+"}, std::string{"#"},
                                     std::string("a\0b", 3), std::string(65536, 'a')}) {
        CHECK_FALSE(is_publish_topic(topic));
    }
}

} // namespace bambu2mqtt
