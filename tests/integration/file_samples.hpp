// Helpers for tests of files, apart from the printer.
#pragma once

#include "support/files.hpp"
#include "support/vsftpd.hpp"
#include "unit/source_directory.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bambu2mqtt::gateway_test {

/// True if vsftpd can run here; prints a note when it cannot.
[[nodiscard]] inline bool no_vsftpd(bool with_space = false) {
    if (test_support::Vsftpd::available(with_space)) {
        return false;
    }
    MESSAGE("skipped: vsftpd cannot run here");
    return true;
}

/// A sliced project with the plates 1 and 2.
[[nodiscard]] inline std::string sliced() {
    return test_support::read_file(test::source_directory() / "tests/fuzz/corpus/plates/sliced");
}

} // namespace bambu2mqtt::gateway_test
