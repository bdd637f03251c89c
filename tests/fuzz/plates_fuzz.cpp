// Arbitrary bytes as a .3mf: reading its plates never reads outside the data and only fails with an Error.
#include <bambu2mqtt/file/plates.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bambu2mqtt;
    // The bytes are only read as characters, which may alias anything.
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    const Archive archive{.size = size, .read = [bytes](std::uint64_t offset, std::span<char> into) {
                              if (offset > bytes.size() || into.size() > bytes.size() - offset) {
                                  std::abort();
                              }
                              bytes.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
                              return true;
                          }};
    const auto plates = plates_of(archive);
    const auto printable_plate = check_plate(archive, 1);
    if (plates.has_value() && plates->contains(1) != printable_plate.has_value()) {
        std::abort();
    }
    return 0;
}
