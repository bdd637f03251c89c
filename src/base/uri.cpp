#include <bambu2mqtt/base/uri.hpp>

namespace bambu2mqtt {

std::string uri_host(std::string_view host, UriZone zone) {
    if (host.find(':') == std::string_view::npos) {
        return std::string{host};
    }
    std::string text = "[";
    for (const char c : host) {
        if (c == '%' && zone == UriZone::escaped) {
            text += "%25";
        } else {
            text += c;
        }
    }
    return text + "]";
}

} // namespace bambu2mqtt
