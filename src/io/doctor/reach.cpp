#include "io/doctor/reach.hpp"

#include "io/thread/resolver.hpp"
#include <bambu2mqtt/io/tls/tls_probe.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace bambu2mqtt {

expected<std::vector<std::string>, Error> addresses_of(const std::string& host) {
    if (auto address = numeric_address(host); !address.empty()) {
        return std::vector{std::move(address)};
    }
    auto addresses = resolve_host(host);
    if (addresses) {
        addresses->resize(std::min(addresses->size(), most_tried_addresses));
    }
    return addresses;
}

std::future<expected<PeerCertificate, Error>> begin_probe(TlsProbe& probe, ProbeTarget target) {
    const auto promise = std::make_shared<std::promise<expected<PeerCertificate, Error>>>();
    auto result = promise->get_future();
    probe.start(std::move(target),
                [promise](expected<PeerCertificate, Error> shown) { promise->set_value(std::move(shown)); });
    return result;
}

} // namespace bambu2mqtt
