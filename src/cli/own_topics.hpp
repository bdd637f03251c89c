// The topics on which this run has retained messages, and their removal.
#pragma once

#include <bambu2mqtt/io/mqtt/broker_link.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <set>
#include <string>

namespace bambu2mqtt {

class OwnTopics {
  public:
    /// A message was published.
    void note(const Message& message) {
        if (message.retain) {
            topics_.insert(message.topic);
        }
    }

    /// Removes the retained messages, at most ten seconds long: those whose removal the broker has not
    /// acknowledged until then stay. On the core thread, when nothing else is published any more.
    void clear(BrokerLink& broker, EventQueue& events);

    [[nodiscard]] bool empty() const { return topics_.empty(); }

  private:
    std::set<std::string> topics_;
};

} // namespace bambu2mqtt
