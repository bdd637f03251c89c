// Entry point of every test program.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "unit/source_directory.hpp"

#include <doctest/doctest.h>

std::filesystem::path bambu2mqtt::test::source_directory() {
    return BAMBU2MQTT_SOURCE_DIR;
}
