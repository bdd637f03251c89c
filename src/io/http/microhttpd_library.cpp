#include "io/http/microhttpd_library.hpp"

#include "io/library/shared_library.hpp"

namespace bambu2mqtt {

namespace {

constexpr const char* microhttpd_file = "libmicrohttpd.so.12"; // Debian 11 to 13

} // namespace

expected<MicrohttpdLibrary, Error> microhttpd_library() {
    auto library = SharedLibrary::load(microhttpd_file, "libmicrohttpd (Debian package libmicrohttpd12)");
    if (!library) {
        return unexpected(library.error());
    }
    MicrohttpdLibrary http;
    library->find(http.start_daemon, "MHD_start_daemon");
    library->find(http.stop_daemon, "MHD_stop_daemon");
    library->find(http.run, "MHD_run");
    library->find(http.get_timeout, "MHD_get_timeout");
    library->find(http.get_daemon_info, "MHD_get_daemon_info");
    library->find(http.get_connection_info, "MHD_get_connection_info");
    library->find(http.create_response_from_buffer, "MHD_create_response_from_buffer");
    library->find(http.add_response_header, "MHD_add_response_header");
    library->find(http.queue_response, "MHD_queue_response");
    library->find(http.destroy_response, "MHD_destroy_response");
    if (const auto complete = library->complete(); !complete) {
        return unexpected(complete.error());
    }
    return http;
}

} // namespace bambu2mqtt
