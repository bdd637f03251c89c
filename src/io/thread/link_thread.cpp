#include "io/thread/link_thread.hpp"

#include <bambu2mqtt/io/thread/guard.hpp>

#include <utility>

namespace bambu2mqtt {

LinkThread::LinkThread() : thread_(guarded_thread("connection thread", [this] { run(); })) {}

LinkThread::~LinkThread() {
    stop();
}

void LinkThread::post(Job job) {
    {
        const MutexLock lock(mutex_);
        jobs_.emplace(Instant::min(), std::move(job));
    }
    ready_.notify_one();
}

void LinkThread::post_after(std::chrono::milliseconds delay, Job job) {
    {
        const MutexLock lock(mutex_);
        jobs_.emplace(std::chrono::steady_clock::now() + delay, std::move(job));
    }
    ready_.notify_one();
}

bool LinkThread::is_current() const {
    return std::this_thread::get_id() == thread_.get_id();
}

void LinkThread::stop() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void LinkThread::run() {
    MutexLock lock(mutex_);
    while (true) {
        if (jobs_.empty()) {
            if (stopping_) {
                return;
            }
            ready_.wait(mutex_);
            continue;
        }
        const Instant due = jobs_.begin()->first;
        if (due > std::chrono::steady_clock::now()) {
            if (stopping_) {
                return;
            }
            (void)ready_.wait_until(mutex_, due);
            continue;
        }
        auto next = jobs_.extract(jobs_.begin());
        lock.unlock();
        guard("work of a connection", [&next] {
            next.mapped()();
            next.mapped() = nullptr; // releases the job's objects here, not under the lock
        });
        next = {};
        lock.lock();
    }
}

} // namespace bambu2mqtt
