#include "cli/logging.hpp"

#include <bambu2mqtt/base/text_util.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace bambu2mqtt {

namespace {

/// Longer messages are truncated.
constexpr std::size_t longest_text = 4096;

std::string text_of(const spdlog::details::log_msg& message) {
    return printable({message.payload.data(), message.payload.size()}, longest_text);
}

/// The message in one line, whatever foreign text it contains.
class PlainText : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        const auto text = text_of(message);
        out.append(text.data(), text.data() + text.size());
    }

    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<PlainText>();
    }
};

/// The same as a JSON string, quotes included.
class JsonText : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        const auto quoted = nlohmann::json(text_of(message)).dump();
        out.append(quoted.data(), quoted.data() + quoted.size());
    }

    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<JsonText>();
    }
};

/// The level of one of log_level_words.
spdlog::level::level_enum level_of(const std::string& word) {
    return spdlog::level::from_str(word == "warn" ? "warning" : word);
}

void configure(spdlog::logger& logger, const LogConfig& config) {
    if (config.format == LogFormat::json) {
        auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
        formatter->add_flag<JsonText>('*').set_pattern(
            R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","text":%*})");
        logger.set_formatter(std::move(formatter));
    } else {
        auto formatter = std::make_unique<spdlog::pattern_formatter>();
        formatter->add_flag<PlainText>('*').set_pattern("%Y-%m-%d %H:%M:%S.%e %-7l %*");
        logger.set_formatter(std::move(formatter));
    }
    logger.set_level(level_of(config.level));
}

} // namespace

void start_logging(const LogConfig& config, std::shared_ptr<LogTap> tap) {
    const spdlog::sinks_init_list sinks{std::make_shared<spdlog::sinks::stderr_sink_mt>(), std::move(tap)};
    auto logger = std::make_shared<spdlog::logger>("bambu2mqtt", sinks);
    configure(*logger, config);
    spdlog::set_default_logger(std::move(logger));
}

void set_log_level(const std::string& level) {
    spdlog::default_logger()->set_level(level_of(level));
}

void change_logging(const LogConfig& config) {
    configure(*spdlog::default_logger_raw(), config);
}

} // namespace bambu2mqtt
