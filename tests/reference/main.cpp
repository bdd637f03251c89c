// Writes the documents that are generated from the code: bambu2mqtt-reference DOCS. Run by scripts/docs.sh.
#include "pages.hpp"

#include <fstream>
#include <iostream>

int main(int argc, char** argv) {
    namespace reference = bambu2mqtt::reference;
    if (argc != 2) {
        std::cerr << "usage: bambu2mqtt-reference DOCS\n";
        return 2;
    }
    const std::filesystem::path docs{argv[1]};
    const auto pages = reference::pages(docs);
    if (!pages) {
        std::cerr << pages.error().detail << '\n';
        return 1;
    }
    for (const auto& page : *pages) {
        std::filesystem::create_directories((docs / page.path).parent_path());
        std::ofstream{docs / page.path, std::ios::binary} << page.text;
    }
    for (const auto& path : reference::retained_cleanup(docs, *pages)) {
        std::filesystem::remove(docs / path);
    }
    return 0;
}
