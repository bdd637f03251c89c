// What happens to a printer and its jobs, told once each: held against what was known before, also before a
// restart or a lost connection. Pure; time is an argument.
#pragma once

#include <bambu2mqtt/core/json.hpp>
#include <bambu2mqtt/core/time.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

class Document;

/// One happening: the payload of B/P/event.
struct Happening {
    std::string_view type{}; ///< one of event_types
    WallTime time{};
    std::string task{};                     ///< empty: not known
    std::string file{};                     ///< empty: not known
    std::optional<std::int64_t> progress{}; ///< per cent
    std::string code{};                     ///< 0300-400C, 0300-0100-0001-0003; empty: none
    std::optional<std::int64_t> duration{}; ///< minutes since the job's start, where that is known
    bool late = false;                      ///< it happened while nobody watched
};

[[nodiscard]] OrderedJson to_json(const Happening& happening);

class Journal {
  public:
    /// The connection begins anew: what the next full report shows may have happened long ago.
    void reconnected() noexcept { late_ = true; }

    /// A report was merged. `start`: when the running job began, if that is known. The first one ever is
    /// where the watching begins: nothing has happened.
    [[nodiscard]] std::vector<Happening> look(const Document& report, bool full,
                                              std::optional<WallTime> start, Now now);

    /// Whether the printer is shown as connected.
    [[nodiscard]] std::vector<Happening> reachable(bool online, Now now);

    /// Ends waiting for the code that tells a cancelled job from a failed one.
    [[nodiscard]] std::vector<Happening> tick(Now now);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// What has to survive a restart; restore() takes any content, strange one is as if there were none.
    [[nodiscard]] Json save() const;
    void restore(const Json& saved);

  private:
    /// The job as last seen.
    struct Job {
        std::string key{}; ///< its ids, or its name where they are "0"
        std::string task{};
        std::string file{};
        std::optional<std::int64_t> progress{};
        std::optional<WallTime> start{};
    };

    /// A job that is over, and nobody knows yet how.
    struct Ending {
        Job job{};
        Instant until{};
        WallTime time{};
        bool late = false;
        bool failed = false; ///< FAILED was seen; else it just went idle
    };

    using Happenings = std::vector<Happening>;

    void follow_job(std::string_view status, const Job& seen, std::uint32_t error, Now now, Happenings& out);
    [[nodiscard]] bool is_another(const Job& seen) const;
    void start_job(const Job& seen, Now now, Happenings& out);
    void end_job(std::string_view status, const Job& job, std::uint32_t error, Now now, Happenings& out);
    void settle_ending(std::string_view status, std::uint32_t error, Happenings& out);
    void follow_errors(const Document& report, const Job& job, Now now, Happenings& out);
    [[nodiscard]] Happening make(std::string_view type, const Job& job, WallTime time) const;

    std::string status_; ///< print_status as last seen; empty: never
    std::string error_;  ///< the problem that stands, as the printer shows it; empty: none
    std::set<std::string> hms_;
    bool runout_ = false;
    std::optional<bool> online_;
    Job job_;
    std::optional<Ending> ending_;
    bool begun_ = false; ///< something was seen before
    bool late_ = true;
};

} // namespace bambu2mqtt
