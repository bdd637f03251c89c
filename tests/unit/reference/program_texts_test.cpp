#include "reference/program_texts.hpp"
#include "unit/source_directory.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using bambu2mqtt::reference::program_texts;
using bambu2mqtt::reference::string_literals;

TEST_CASE("literals are found where they are, and joined where they stand side by side") {
    using Texts = std::vector<std::string>;
    CHECK(string_literals(R"(f("a b", 'x', "c\"d" // "no"
                              "e");)") == Texts{"a b", "c\\\"de"});
    CHECK(string_literals("#include \"no.hpp\"\n/* \"no\" */ int n = 1'000; char c = '\"'; t(\"yes\")") ==
          Texts{"yes"});
    CHECK(string_literals("R\"x(raw \"text\")x\" \"more\"") == Texts{"raw \"text\"more"});
    CHECK(string_literals("\"open").size() == 1);
}

TEST_CASE("the texts of the program include outcomes, errors, log lines and findings") {
    const auto texts = program_texts(bambu2mqtt::test::source_directory() / "src");
    for (const auto* const text :
         {"== command ==", "== io/mqtt ==", "no temporary folder: {}", "the Debian package"}) {
        CAPTURE(text);
        CHECK(texts.find(text) != std::string::npos);
    }
    CHECK(program_texts("/nowhere").find("==") == std::string::npos);
}
