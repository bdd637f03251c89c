// libmicrohttpd, loaded on first use. Knows which functions are used, not their purpose.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

// microhttpd.h needs these before it.
#include <microhttpd.h>
#include <sys/socket.h>
#include <sys/types.h>

namespace bambu2mqtt {

/// The functions by their names without "MHD_".
struct MicrohttpdLibrary {
    decltype(&MHD_start_daemon) start_daemon = nullptr;
    decltype(&MHD_stop_daemon) stop_daemon = nullptr;
    decltype(&MHD_run) run = nullptr;
    decltype(&MHD_get_timeout) get_timeout = nullptr;
    decltype(&MHD_get_daemon_info) get_daemon_info = nullptr;
    decltype(&MHD_get_connection_info) get_connection_info = nullptr;
    decltype(&MHD_create_response_from_buffer) create_response_from_buffer = nullptr;
    decltype(&MHD_add_response_header) add_response_header = nullptr;
    decltype(&MHD_queue_response) queue_response = nullptr;
    decltype(&MHD_destroy_response) destroy_response = nullptr;
};

/// Loads the library. Fails as `unavailable` with the loader's message, and the name of the Debian package.
[[nodiscard]] expected<MicrohttpdLibrary, Error> microhttpd_library();

} // namespace bambu2mqtt
