#include "gateway/saved_session.hpp"

#include <utility>

namespace bambu2mqtt {

void remember_listing(Json& content, const OrderedJson& listing) {
    if (listing.is_null()) {
        return;
    }
    const auto length = listing.dump(-1, ' ', false, OrderedJson::error_handler_t::replace).size();
    if (length <= longest_kept_listing) {
        content["files"] = listing;
    }
}

OrderedJson remembered_listing(const Json& saved) {
    const auto found = saved.is_object() ? saved.find("files") : saved.end();
    const bool whole = saved.is_object() && found != saved.end() && found->is_object() &&
                       found->contains("listed_at") && found->contains("files");
    return whole ? OrderedJson(*found) : OrderedJson();
}

bool was_closed(const Json& saved) {
    const auto found = saved.is_object() ? saved.find("closed") : saved.end();
    return saved.is_object() && found != saved.end() && *found == true;
}

} // namespace bambu2mqtt
