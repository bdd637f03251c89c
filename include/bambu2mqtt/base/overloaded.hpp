// Combines several lambdas into one visitor for std::visit.
#pragma once

namespace bambu2mqtt {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

} // namespace bambu2mqtt
