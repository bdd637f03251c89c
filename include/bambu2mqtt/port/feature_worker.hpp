// What carries out the work of a feature, outside the core.
#pragma once

#include <bambu2mqtt/port/effects.hpp>

namespace bambu2mqtt {

/// The worker of one feature for one printer: the edges implement it with threads, sockets and files. All
/// calls come from one thread and return at once. Each work ends in exactly one WorkDone event with its job
/// number; WorkProgress events may come before.
class FeatureWorker {
  public:
    virtual ~FeatureWorker() = default;
    FeatureWorker(const FeatureWorker&) = delete;
    FeatureWorker& operator=(const FeatureWorker&) = delete;

    virtual void start(const StartWork& work) = 0;

    /// Breaks off the work that runs, if any does; its WorkDone still comes.
    virtual void cancel() = 0;

  protected:
    FeatureWorker() = default;
};

} // namespace bambu2mqtt
