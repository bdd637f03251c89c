// What carries out the work of a feature, outside the core.
#pragma once

#include <bambu2mqtt/port/effects.hpp>

namespace bambu2mqtt {

/// The worker of one feature for one printer: the edges implement it with threads, sockets and files. All
/// functions are called from one thread and return immediately. Each work ends with exactly one WorkDone
/// event with its job number; WorkProgress events may precede it.
class FeatureWorker {
  public:
    virtual ~FeatureWorker() = default;
    FeatureWorker(const FeatureWorker&) = delete;
    FeatureWorker& operator=(const FeatureWorker&) = delete;

    virtual void start(const StartWork& work) = 0;

    /// Cancels the running work, if any; its WorkDone still follows.
    virtual void cancel() = 0;

  protected:
    FeatureWorker() = default;
};

} // namespace bambu2mqtt
