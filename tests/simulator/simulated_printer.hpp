#pragma once
// A printer that lives: idles, prints whole jobs, heats, changes filament, is paused and cancelled, answers
// requests. Pure: time comes in as an argument, chance from the serial, so two runs say the same.

#include "simulator/model_profile.hpp"
#include "simulator/print_job.hpp"
#include "simulator/printer.hpp"
#include "simulator/replies.hpp"
#include "simulator/report_document.hpp"
#include "simulator/state_words.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace bambu2mqtt::simulator {

struct SimulatedPrinterOptions {
    const ModelProfile* model = nullptr; ///< never null; see find_model()
    std::string serial{};
    std::chrono::milliseconds report_interval{0}; ///< 0: the model's own
    std::chrono::milliseconds print_duration{
        0}; ///< a whole print, again and again; 0: only start_print() prints
    std::chrono::milliseconds first_print_after{0};
    PrintJob job{}; ///< of the prints it begins by itself
    MachineSettings settings{};
};

/// A message from the request topic, readable or not.
struct ReceivedRequest {
    std::string payload{};
    Uptime time{0};
    int session = 0; ///< the printer's newest MQTT session then, from 1; 0 when none was known
};

/// One entry of the HMS list.
struct Hms {
    std::uint32_t attribute = 0;
    std::uint32_t code = 0;
};

inline constexpr std::uint32_t job_cancelled_error = 50348044;    ///< 0300-400C
inline constexpr std::uint32_t filament_ran_out_error = 50364437; ///< 0300-8015

/// See the top of the file. Everything that happens shows in the next report.
class SimulatedPrinter final : public Printer {
  public:
    /// What a request does and what is answered to it; an empty list is silence.
    using Handler = std::function<std::vector<std::string>(SimulatedPrinter&, const Request&)>;

    explicit SimulatedPrinter(SimulatedPrinterOptions options);

    [[nodiscard]] const std::string& serial() const override { return options_.serial; }

    [[nodiscard]] std::chrono::milliseconds report_interval() const override {
        return options_.report_interval;
    }

    [[nodiscard]] std::vector<std::string> advance(Uptime now) override;
    [[nodiscard]] Reaction answer(std::string_view request, Uptime now) override;
    [[nodiscard]] Reaction connected(int session, Uptime now) override;

    /// The model it is.
    [[nodiscard]] const ModelProfile& model() const { return *options_.model; }

    /// The object under `print` as it is now.
    [[nodiscard]] const nlohmann::json& state() const { return document_.state(); }

    /// All requests so far in order, at most the first 100,000.
    [[nodiscard]] const std::vector<ReceivedRequest>& requests() const { return requests_; }

    /// The bodies of the requests of that name, "print.pause", with `command` and `sequence_id`.
    [[nodiscard]] std::vector<nlohmann::json> requests(const std::string& name) const;

    /// Sets or replaces what a request ("print.pause") does. At first only pushing.pushall, info.get_version
    /// and system.ledctrl are answered; everything else meets silence.
    void on(const std::string& request, Handler handler) { handlers_[request] = std::move(handler); }

    /// Begins a job that takes `duration` from PREPARE to FINISH; ends one that is under way.
    void start_print(const PrintJob& job, std::chrono::milliseconds duration);

    /// A pause as the button makes it (stage 16). Only while a job is under way.
    void pause();

    /// The filament is used up: pause at stage 6 with its error, filament sensor empty. Only while a job is
    /// under way.
    void run_out_of_filament();

    /// Goes on after a pause; clears the error.
    void resume();

    /// The user cancels: FAILED with the code for it. Only while a job is under way.
    void cancel() { fail(job_cancelled_error); }

    /// The job ends as FAILED with this error (0: none, as when the code comes in a later report).
    void fail(std::uint32_t error);

    /// `print_error` and its relatives; 0 clears.
    void set_print_error(std::uint32_t error);

    /// Replaces the HMS list.
    void set_hms(const std::vector<Hms>& entries);

    /// Switches a lamp of `lights_report`: "chamber_light", "chamber_light2", "work_light". False when it has
    /// none such.
    bool set_light(const std::string& node, const std::string& mode);

    /// Opens or closes the door, where the model tells of it.
    void set_door(bool open);

    /// Turns Developer Mode on or off (`fun` bit 29), on models of the newer protocol.
    void set_developer_mode(bool on);

    /// Sets any other facts under `print`, AMS units excepted.
    void merge(const nlohmann::json& facts) { document_.merge(facts); }

    /// The document behind the reports, for its units: set_unit(), remove_unit().
    [[nodiscard]] ReportDocument& document() { return document_; }

    /// The next full report, as pushall gets it.
    [[nodiscard]] std::string full_report() { return document_.full_report(); }

  private:
    enum class Phase { idle, printing, paused, finished, failed };

    void begin_and_end_by_itself(std::chrono::milliseconds step);
    void enter(Phase phase);
    void end_job(Phase phase);
    void live(std::chrono::milliseconds step);
    void write_job();
    void write_filament(const JobMoment& moment);
    void write_fans(const JobMoment& moment);
    void write_temperatures(std::chrono::milliseconds step);
    void write_device(const JobMoment& moment);
    void write_surroundings();
    void write_words();
    [[nodiscard]] JobMoment moment() const;
    [[nodiscard]] nlohmann::json degrees(double value) const;
    [[nodiscard]] std::optional<TrayPlace> loaded_tray(const JobMoment& moment) const;
    [[nodiscard]] int extruder_of(const TrayPlace& place) const;
    [[nodiscard]] int draw(int low, int high);

    SimulatedPrinterOptions options_;
    ReportDocument document_;
    std::minstd_rand random_;
    std::map<std::string, Handler> handlers_;
    std::vector<ReceivedRequest> requests_;
    int session_ = 0;
    Uptime now_{0};

    Phase phase_ = Phase::idle;
    std::chrono::milliseconds in_phase_{0};
    PrintJob job_{};
    std::chrono::milliseconds job_duration_{0};
    std::chrono::milliseconds job_elapsed_{0};
    int pause_stage_ = 0;
    bool printed_before_ = false;
    bool full_report_due_ = false;

    double nozzle_ = 25;
    double bed_ = 25;
    double chamber_ = 25;
    int nozzle_target_ = 0;
    int bed_target_ = 0;
};

} // namespace bambu2mqtt::simulator
