// Calls of the Paho library into the system that are made cheaper here. With Debian's static archive of Paho
// the linker redirects them (src/paho.cmake, CMake option BAMBU2MQTT_PACKET_LIMIT); with the shared library
// nothing of this has an effect.
#pragma once

namespace bambu2mqtt {

/// To be called after connect() and close() of a descriptor that Paho may poll: see SocketPoll.
void polled_socket_changed(int descriptor);

} // namespace bambu2mqtt
