#include "io/thread/link_thread.hpp"
#include "io/thread/resolver.hpp"
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/io/tls/tls_probe.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <openssl/x509_vfy.h>

#include <csignal>
#include <mutex>

namespace bambu2mqtt {

/// In the order of their dependencies: the thread's last jobs destroy clients, results of the probe are
/// passed to the thread, and after a name is resolved the probe is started.
struct LinkServices::Parts {
    explicit Parts(const std::filesystem::path& state_directory) : trust(state_directory) {}

    MqttLibrary library;
    TrustStore trust;
    LinkThread thread;
    TlsProbe probe;
    Resolver resolver;
};

LinkServices::LinkServices(const std::filesystem::path& state_directory)
    : parts_(std::make_unique<Parts>(state_directory)) {}

LinkServices::~LinkServices() {
    parts_->thread.stop();
}

Resolver& LinkServices::resolver() {
    return parts_->resolver;
}

TlsProbe& LinkServices::probe() {
    return parts_->probe;
}

TrustStore& LinkServices::trust() {
    return parts_->trust;
}

LinkThread& LinkServices::thread() {
    return parts_->thread;
}

void prepare_tls() {
    static std::once_flag done;
    std::call_once(done, [] {
        std::signal(SIGPIPE, SIG_IGN);
        X509_VERIFY_PARAM* parameters = X509_VERIFY_PARAM_new();
        // The name under which every verification finds its defaults; depth 100 is the built-in one.
        X509_VERIFY_PARAM_set1_name(parameters, "default");
        X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
        X509_VERIFY_PARAM_set_depth(parameters, 100);
        X509_VERIFY_PARAM_add0_table(parameters);
    });
}

} // namespace bambu2mqtt
