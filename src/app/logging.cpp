#include <bambu2mqtt/app/logging.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace bambu2mqtt {

namespace {

/// The message as a JSON string, quotes included.
class JsonText : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        const nlohmann::json text(std::string{message.payload.data(), message.payload.size()});
        const auto quoted = text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        out.append(quoted.data(), quoted.data() + quoted.size());
    }

    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<JsonText>();
    }
};

} // namespace

void start_logging(const LogConfig& config) {
    auto logger =
        std::make_shared<spdlog::logger>("bambu2mqtt", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    if (config.format == LogFormat::json) {
        auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
        formatter->add_flag<JsonText>('*').set_pattern(
            R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","text":%*})");
        logger->set_formatter(std::move(formatter));
    } else {
        logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %-7l %v");
    }
    logger->set_level(spdlog::level::from_str(config.level == "warn" ? "warning" : config.level));
    spdlog::set_default_logger(std::move(logger));
}

} // namespace bambu2mqtt
