#include "cli/commands.hpp"
#include "cli/dialogue.hpp"
#include "cli/discover.hpp"
#include "cli/doctor.hpp"
#include "cli/encode.hpp"
#include "cli/init.hpp"
#include "cli/offline.hpp"
#include "cli/options.hpp"
#include "cli/record.hpp"
#include "cli/replay.hpp"
#include "cli/simulate.hpp"
#include <bambu2mqtt/io/disk/instance_files.hpp>

#include <unistd.h>

#include <exception>
#include <iostream>

using namespace bambu2mqtt;

namespace {

int run_init_here(const Options& options) {
    if (options.non_interactive) {
        return run_init(options, nullptr, std::cout, std::cerr);
    }
    if (isatty(STDIN_FILENO) != 1) {
        std::cerr << "init asks on a terminal, and there is none; --non-interactive uses the options alone\n";
        return 2;
    }
    Dialogue dialogue{std::cin, std::cout, STDIN_FILENO};
    return run_init(options, &dialogue, std::cout, std::cerr);
}

int run(const Options& options) {
    switch (options.task) {
    case Task::run:
        return run_gateway(options, std::cerr);
    case Task::check:
        return run_check(options, std::cout, std::cerr);
    case Task::decode:
        return run_decode(options, std::cin, std::cout, std::cerr);
    case Task::encode:
        return run_encode(options, std::cin, std::cout, std::cerr);
    case Task::discovery:
        return run_discovery(options, std::cin, std::cout, std::cerr);
    case Task::entities:
        return run_entities(options, std::cout);
    case Task::pin:
        return run_pin(options, std::cin, isatty(STDIN_FILENO) == 1, std::cout, std::cerr);
    case Task::discover:
        return run_discover(options, std::cout, std::cerr);
    case Task::health:
        return run_health(options, std::cout, std::cerr);
    case Task::doctor:
        return run_doctor(options, std::cout, std::cerr);
    case Task::record:
        return run_record(options, std::cout, std::cerr);
    case Task::replay:
        return run_replay(options, std::cerr);
    case Task::simulate:
        return run_simulate(options, std::cerr);
    case Task::init:
        return run_init_here(options);
    }
    return 2;
}

} // namespace

int main(int argc, char** argv) try {
    forbid_core_dumps(); // before any secret is read
    const auto parsed = parse_options(argc, argv);
    std::cout << parsed.output;
    std::cerr << parsed.diagnostics;
    return parsed.exit_code ? *parsed.exit_code : run(parsed.options);

} catch (const std::exception& error) {

    std::cerr << "bambu2mqtt: " << error.what() << '\n';
    return 1;
}
