#include "printer/learning.hpp"
#include <bambu2mqtt/base/json_access.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace bambu2mqtt {

namespace {

/// The order of tests is that of docs/printers.md: product name, then board and project code. `before` is the
/// model known without them.
Model model_of_modules(const Json& modules, Model before) {
    for (const auto& module : modules) {
        const auto product = read::text_member(module, "product_name");
        if (product.starts_with("Bambu Lab ")) {
            if (const auto model = parse_model(product)) {
                return *model;
            }
        }
    }
    for (const auto& module : modules) {
        const auto board = read::text_member(module, "hw_ver");
        const auto project = read::text_member(module, "project_name");
        if (!board.starts_with("AP0")) {
            continue;
        }
        if (board == "AP02") {
            return Model::x1e;
        }
        if (project == "N1") {
            return Model::a1mini;
        }
        if (board == "AP04" && (project == "C11" || project == "C12")) {
            return project == "C11" ? Model::p1p : Model::p1s;
        }
        if (board == "AP05" && project == "N2S") {
            return Model::a1;
        }
        if (board == "AP05" && project.empty() && before == Model::unknown) {
            return Model::x1c; // or, in an incomplete answer, any of the H2 and X2 family
        }
        break;
    }
    return Model::unknown;
}

} // namespace

bool learn_modules(Facts& facts, const Json& modules, std::optional<Model> configured) {
    if (!modules.is_array()) {
        return false;
    }
    Json usable = Json::array();
    std::ranges::copy_if(modules, std::back_inserter(usable),
                         [](const Json& module) { return module.is_object(); });

    const Facts before = facts;
    const auto detected = model_of_modules(usable, facts.model);
    if (configured) {
        facts.model = *configured;
    } else if (detected != Model::unknown) {
        facts.model = detected;
    }
    for (const auto& module : usable) {
        const auto name = read::text_member(module, "name");
        if (name == "ota" && !read::text_member(module, "sw_ver").empty()) {
            facts.firmware = read::text_member(module, "sw_ver");
        }
        if (read::text_member(module, "hw_ver").starts_with("AP0")) {
            facts.hardware = read::text_member(module, "hw_ver");
        }
        learn_unit_module(facts, module);
    }
    return facts != before;
}

} // namespace bambu2mqtt
