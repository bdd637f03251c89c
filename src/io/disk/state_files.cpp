#include "io/disk/disk.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/io/disk/state_files.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

bool is_serial(const std::string& name) {
    return !name.empty() && std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0; });
}

/// Ids kept of one printer. The newest come first in its file; each is looked for on the broker at the start.
constexpr std::size_t most_ids = 17;

/// The id of a printer when its file was written, and up to 16 older ones that may still have topics on the
/// broker.
std::vector<std::string> ids_in(const Json& content) {
    std::vector<std::string> ids;
    const auto add = [&ids](const Json* id) {
        const auto text = read::text(id);
        if (text && ids.size() < most_ids && is_printer_id(*text) &&
            std::ranges::find(ids, *text) == ids.end()) {
            ids.emplace_back(*text);
        }
    };
    add(read::member(&content, "id"));
    if (const auto* former = read::member(&content, "former_ids"); former != nullptr && former->is_array()) {
        std::ranges::for_each(*former, [&add](const Json& id) { add(&id); });
    }
    return ids;
}

} // namespace

StateFiles::StateFiles(fs::path state_directory, Complaint complain, Complaint relieved,
                       std::chrono::milliseconds retry_every)
    : directory_(state_directory / "printers"), complain_(std::move(complain)),
      relieved_(std::move(relieved)), retry_every_(retry_every),
      writer_(guarded_thread("state file thread", [this] { run(); })) {}

StateFiles::~StateFiles() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    writer_.join();
}

fs::path StateFiles::file_of(const std::string& serial) const {
    return directory_ / (serial + ".json");
}

/// A file is read more than once at the start.
void StateFiles::complain_once(const std::string& serial, const std::string& what) const {
    {
        const MutexLock lock(mutex_);
        if (!unreadable_.insert(serial).second) {
            return;
        }
    }
    complain_(what);
}

Json StateFiles::load(const std::string& serial) const {
    const auto text = read_small_file(file_of(serial));
    if (!text) {
        complain_once(serial, text.error().detail);
        return nullptr;
    }
    if (!*text) {
        return nullptr;
    }
    if (auto content = read::json(**text); content && content->is_object()) {
        return *std::move(content);
    }
    const auto aside = set_aside(file_of(serial));
    complain_once(
        serial,
        aside
            ? fmt::format(
                  "'{}' is damaged (no JSON object, or nested too deeply); it is set aside as '{}', and the "
                  "printer is detected again",
                  file_of(serial).string(), aside->string())
            : aside.error().detail);
    return nullptr;
}

std::vector<FormerPrinter> StateFiles::remembered() const {
    std::vector<FormerPrinter> printers;
    std::error_code problem;
    for (const auto& entry : fs::directory_iterator(directory_, problem)) {
        const auto serial = entry.path().stem().string();
        if (entry.path().extension() == ".json" && is_serial(serial)) {
            const auto content = load(serial);
            for (auto& id : ids_in(content)) {
                printers.push_back(FormerPrinter{serial, std::move(id)});
            }
        }
    }
    return printers;
}

void StateFiles::save(const std::string& serial, std::string content) {
    {
        const MutexLock lock(mutex_);
        waiting_[serial] = std::move(content);
        kept_.erase(serial); // it is older
    }
    changed_.notify_one();
}

void StateFiles::forget(const std::string& serial) {
    {
        const MutexLock lock(mutex_);
        waiting_.erase(serial);
        kept_.erase(serial);
    }
    std::error_code ignored;
    fs::remove(file_of(serial), ignored);
}

/// Until something is to be written or the end has come; what could not be written waits for `again_at`.
void StateFiles::wait_for_work(Instant again_at) {
    while (!stopping_ && waiting_.empty()) {
        if (kept_.empty()) {
            changed_.wait(mutex_);
        } else if (!changed_.wait_until(mutex_, again_at)) {
            return;
        }
    }
}

void StateFiles::run() {
    Failures failures;
    auto again_at = Instant::max();
    MutexLock lock(mutex_);
    while (true) {
        wait_for_work(again_at);
        auto batch = std::exchange(waiting_, {});
        const bool last = stopping_;
        const bool all = last || kept_.empty() || std::chrono::steady_clock::now() >= again_at;
        if (all) {
            batch.merge(std::exchange(kept_, {}));
        }
        lock.unlock();
        auto failed = write(std::move(batch), failures);
        lock.lock();
        if (last) {
            return;
        }
        if (all && !failed.empty()) {
            again_at = std::chrono::steady_clock::now() + retry_every_;
        }
        kept_.merge(std::move(failed));
        for (const auto& [serial, content] : waiting_) {
            kept_.erase(serial); // a newer one was queued meanwhile
        }
        if (failures.any && kept_.empty() && waiting_.empty()) {
            failures.any = false;
            if (relieved_) {
                guard("state files", [this] { relieved_("state files are written again"); });
            }
        }
    }
}

/// Returns what could not be written and may be written later. A file that fails while others are written is
/// reported once; the next failure of another one is reported again.
StateFiles::Contents StateFiles::write(Contents batch, Failures& failures) const {
    for (auto entry = batch.begin(); entry != batch.end();) {
        const auto& serial = entry->first;
        const bool too_large = entry->second.size() > largest_small_file; // it can never be written
        bool written = false;
        guard(
            "state file",
            [&] {
                const auto replaced = replace_file(file_of(serial), entry->second);
                written = replaced.has_value();
                if (written) {
                    failures.serials.erase(serial);
                    failures.reported = false;
                    return;
                }
                const bool is_new = failures.serials.insert(serial).second;
                if (is_new && (too_large || !failures.reported)) {
                    complain_(replaced.error().detail +
                              (too_large ? "; the file stays as it was"
                                         : "; what is to be remembered of printers is kept and tried again "
                                           "every minute"));
                }
                failures.reported = failures.reported || (is_new && !too_large);
                failures.any = failures.any || !too_large;
            },
            [&](std::string_view) { failures.any = true; });
        entry = written || too_large ? batch.erase(entry) : std::next(entry);
    }
    return batch;
}

} // namespace bambu2mqtt
