// Takes the place of Paho's archive members Heap.c.o and StackTrace.c.o: no call is traced, and of an
// allocation only its address is kept. Both cost about half of the instructions of Paho as Debian builds it,
// at any trace level: each function of the library takes a lock and writes its name down, each allocation
// goes into a tree with its file and line between two marks. All of their symbols are here (src/paho.cmake
// says why and checks it); declarations as in Heap.h and StackTrace.h of Paho 1.3.12 to 1.3.14, which are not
// installed. MQTTAsync_malloc() and MQTTAsync_free() are mymalloc() and myfree().
//
// Two faults of Paho that its heap tracking hides must stay hidden, since a server can provoke both (found by
// tests/fuzz/client_fuzz.cpp): a message that is being sent when the connection ends can be released twice,
// and for a CONNACK without properties (MQTT 3.1.1) on a connection with MQTT 5 a list of properties is
// released that was never initialised. So memory is zeroed, and what is not allocated is not released.
#include <bambu2mqtt/io/thread/mutex.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <unordered_set>

namespace {

using bambu2mqtt::Mutex;
using bambu2mqtt::MutexLock;

/// No MQTT packet is larger. Properties longer than their message make Paho ask for a negative size.
constexpr std::size_t largest_block = std::size_t{256} << 20U;

/// The addresses that Paho has allocated and not yet released. Safe to use from all threads.
class LiveBlocks {
  public:
    /// False when there is no memory for it.
    bool add(void* block) noexcept {
        try {
            const MutexLock lock(mutex_);
            blocks_.insert(block);
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }

    /// False for an address that is not allocated (any more).
    bool remove(void* block) noexcept {
        const MutexLock lock(mutex_);
        return blocks_.erase(block) == 1;
    }

    bool contains(void* block) noexcept {
        const MutexLock lock(mutex_);
        return blocks_.contains(block);
    }

  private:
    Mutex mutex_;
    std::unordered_set<void*> blocks_ GUARDED_BY(mutex_);
};

/// Never destroyed: threads of Paho may outlive static objects.
LiveBlocks& live() {
    static auto* const blocks = new LiveBlocks;
    return *blocks;
}

} // namespace

extern "C" {

struct HeapInfo { // heap_info
    std::size_t current_size;
    std::size_t max_size;
};

void* mymalloc(char* file, int line, std::size_t size);
void* myrealloc(char* file, int line, void* memory, std::size_t size);
void myfree(char* file, int line, void* memory);
void Heap_unlink(char* file, int line, void* memory);
void* Heap_findItem(void* memory);
int Heap_initialize();
void Heap_terminate();
HeapInfo* Heap_get_info();
int HeapDump(std::FILE* file);
int HeapDumpString(std::FILE* file, char* text);

void StackTrace_entry(const char* name, int line, int level);
void StackTrace_exit(const char* name, int line, void* result, int level);
void StackTrace_printStack(std::FILE* file);
char* StackTrace_get(unsigned long thread);
int setStack(int create);

void* mymalloc(char* /*file*/, int /*line*/, std::size_t size) {
    if (size > largest_block) {
        return nullptr;
    }
    void* const block = std::calloc(1, size);
    if (block != nullptr && !live().add(block)) {
        std::free(block);
        return nullptr;
    }
    return block;
}

void* myrealloc(char* /*file*/, int /*line*/, void* memory, std::size_t size) {
    if (size > largest_block || (memory != nullptr && !live().remove(memory))) {
        return nullptr;
    }
    void* const block = std::realloc(memory, size);
    void* const kept = block != nullptr ? block : memory; // what cannot grow stays as it is
    if (kept != nullptr) {
        (void)live().add(kept); // without it the block is never released
    }
    return block;
}

void myfree(char* /*file*/, int /*line*/, void* memory) {
    if (memory != nullptr && live().remove(memory)) {
        std::free(memory);
    }
}

/// The memory now belongs to the caller, who frees it with free().
void Heap_unlink(char* /*file*/, int /*line*/, void* memory) {
    live().remove(memory);
}

void* Heap_findItem(void* memory) {
    return live().contains(memory) ? memory : nullptr;
}

int Heap_initialize() {
    return 0;
}

void Heap_terminate() {}

HeapInfo* Heap_get_info() {
    static HeapInfo nothing{};
    return &nothing;
}

int HeapDump(std::FILE* /*file*/) {
    return 0;
}

int HeapDumpString(std::FILE* /*file*/, char* /*text*/) {
    return 0;
}

void StackTrace_entry(const char* /*name*/, int /*line*/, int /*level*/) {}

void StackTrace_exit(const char* /*name*/, int /*line*/, void* /*result*/, int /*level*/) {}

void StackTrace_printStack(std::FILE* /*file*/) {}

/// The caller frees it.
char* StackTrace_get(unsigned long /*thread*/) {
    return static_cast<char*>(std::calloc(1, 1));
}

/// Whether the calling thread has a stack that is traced.
int setStack(int /*create*/) {
    return 0;
}

} // extern "C"
