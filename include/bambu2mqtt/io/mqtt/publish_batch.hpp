// Many messages, one wake-up of the thread that writes them.
#pragma once

namespace bambu2mqtt {

/// While it exists, messages published by this thread are queued and Paho's sending thread sleeps on; its end
/// wakes that thread once. Otherwise each message wakes it, and both threads then compete for the library's
/// lock. Does nothing with Paho's shared library (see src/paho.cmake). Not to be nested.
class PublishBatch {
  public:
    PublishBatch() noexcept;
    ~PublishBatch();
    PublishBatch(const PublishBatch&) = delete;
    PublishBatch& operator=(const PublishBatch&) = delete;
};

} // namespace bambu2mqtt
