#include <bambu2mqtt/entity/storage.hpp>
#include <bambu2mqtt/state/storage_watch.hpp>

namespace bambu2mqtt {

std::string_view StorageWatch::follow(std::string_view reported, bool full, std::optional<Now> now) {
    if (reported != storage_missing || shown_ == storage_missing || full) {
        shown_ = reported;
        missing_since_.reset();
        return shown_;
    }
    if (now && !missing_since_) {
        missing_since_ = now->instant;
    }
    if (now && now->instant - *missing_since_ >= believed_after) {
        shown_ = storage_missing;
        missing_since_.reset();
    }
    return shown_;
}

} // namespace bambu2mqtt
