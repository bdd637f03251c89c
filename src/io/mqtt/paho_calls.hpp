// Calls of the Paho library into the system that are made cheaper here. With Debian's static archive of Paho
// the linker redirects them (src/paho.cmake, CMake option BAMBU2MQTT_PACKET_LIMIT); with the shared library
// nothing of this has an effect.
#pragma once

namespace bambu2mqtt {

/// To be called after connect() of a descriptor that Paho may poll: see SocketPoll.
void polled_socket_opened(int descriptor);

/// To be called before such a descriptor is closed; others may be passed, too.
void polled_socket_closes(int descriptor);

} // namespace bambu2mqtt
