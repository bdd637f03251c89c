// Loaded into vsftpd (LD_PRELOAD): one account, given by environment variables, in place of the system's
// accounts and of PAM, so that a test needs no file outside its own folder.
//
//   BAMBU2MQTT_FTP_USER, BAMBU2MQTT_FTP_PASSWORD, BAMBU2MQTT_FTP_HOME

#include <dlfcn.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

// Linux-PAM's interface as far as vsftpd uses it; these names are public ABI.
extern "C" {

struct pam_message {
    int msg_style;
    const char* msg;
};

struct pam_response {
    char* resp;
    int resp_retcode;
};

struct pam_conv {
    int (*conv)(int count, const pam_message** messages, pam_response** answers, void* data);
    void* appdata_ptr;
};

struct pam_handle;
}

namespace {

constexpr int pam_success = 0;
constexpr int pam_auth_err = 7;
constexpr int pam_prompt_echo_off = 1;

/// Read when the library is loaded: daemons may clear their environment.
struct Account {
    const char* user = std::getenv("BAMBU2MQTT_FTP_USER");
    const char* password = std::getenv("BAMBU2MQTT_FTP_PASSWORD");
    const char* home = std::getenv("BAMBU2MQTT_FTP_HOME");
};

const Account account;
const pam_conv* conversation = nullptr; // one login per process
bool is_our_user = false;

[[nodiscard]] bool knows_password() {
    const pam_message question{pam_prompt_echo_off, "Password: "};
    const pam_message* questions = &question;
    pam_response* answers = nullptr;
    if (conversation == nullptr ||
        conversation->conv(1, &questions, &answers, conversation->appdata_ptr) != pam_success ||
        answers == nullptr) {
        return false;
    }
    const bool right = answers->resp != nullptr && account.password != nullptr &&
                       std::strcmp(answers->resp, account.password) == 0;
    std::free(answers->resp);
    std::free(answers);
    return right;
}

} // namespace

extern "C" {

int pam_start(const char* /*service*/, const char* user, const pam_conv* talk, pam_handle** handle) {
    conversation = talk;
    is_our_user = user != nullptr && account.user != nullptr && std::strcmp(user, account.user) == 0;
    *handle = reinterpret_cast<pam_handle*>(&is_our_user); // only ever passed back to the functions below
    return pam_success;
}

int pam_authenticate(pam_handle* /*handle*/, int /*flags*/) {
    return knows_password() && is_our_user ? pam_success : pam_auth_err;
}

int pam_set_item(pam_handle* /*handle*/, int /*type*/, const void* /*item*/) {
    return pam_success;
}

int pam_get_item(const pam_handle* /*handle*/, int /*type*/, const void** item) {
    *item = account.user;
    return pam_success;
}

int pam_acct_mgmt(pam_handle* /*handle*/, int /*flags*/) {
    return pam_success;
}

int pam_setcred(pam_handle* /*handle*/, int /*flags*/) {
    return pam_success;
}

int pam_open_session(pam_handle* /*handle*/, int /*flags*/) {
    return pam_success;
}

int pam_close_session(pam_handle* /*handle*/, int /*flags*/) {
    return pam_success;
}

int pam_end(pam_handle* /*handle*/, int /*status*/) {
    return pam_success;
}

const char* pam_strerror(pam_handle* /*handle*/, int /*number*/) {
    return "no such account";
}

/// The user who logs in is the one who runs the server: other user ids do not exist in its own namespace.
passwd* getpwnam(const char* name) {
    static char user[64];
    static char home[4096];
    static char nothing[1];
    static passwd entry{};
    if (account.user == nullptr || account.home == nullptr || std::strcmp(name, account.user) != 0) {
        // dlsym returns void*; the name implies a function.
        const auto real = reinterpret_cast<passwd* (*)(const char*)>(dlsym(RTLD_NEXT, "getpwnam"));
        return real == nullptr ? nullptr : real(name);
    }
    std::strncpy(user, account.user, sizeof user - 1);
    std::strncpy(home, account.home, sizeof home - 1);
    entry = {.pw_name = user,
             .pw_passwd = nothing,
             .pw_uid = 0,
             .pw_gid = 0,
             .pw_gecos = nothing,
             .pw_dir = home,
             .pw_shell = nothing};
    return &entry;
}

/// The kernel does not allow setting groups in a user namespace, and vsftpd exits when it cannot.
int setgroups(size_t /*count*/, const gid_t* /*groups*/) noexcept {
    return 0;
}

int initgroups(const char* /*user*/, gid_t /*group*/) {
    return 0;
}
}
