#include "cli/memory.hpp"

#include <malloc.h>

namespace bambu2mqtt {

void trim_heap() {
    malloc_trim(0);
}

} // namespace bambu2mqtt
