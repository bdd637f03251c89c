// Takes the place of Paho's archive members Heap.c.o and StackTrace.c.o: no call is traced and no allocation
// is tracked. Both cost about half of the instructions of Paho as Debian builds it, at any trace level: each
// function of the library takes a lock and writes its name down, each allocation takes another and goes into
// a tree. All of their symbols are here (src/paho.cmake says why and checks it); declarations as in Heap.h
// and StackTrace.h of Paho 1.3.12 to 1.3.14, which are not installed. MQTTAsync_malloc() and MQTTAsync_free()
// are mymalloc() and myfree().
#include <cstddef>
#include <cstdio>
#include <cstdlib>

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

/// Zeroed: for a CONNACK without properties (MQTT 3.1.1) on a connection with MQTT 5, Paho 1.3.12 to 1.3.14
/// release a list of properties that they never initialised.
void* mymalloc(char* /*file*/, int /*line*/, std::size_t size) {
    return std::calloc(1, size);
}

void* myrealloc(char* /*file*/, int /*line*/, void* memory, std::size_t size) {
    return std::realloc(memory, size);
}

void myfree(char* /*file*/, int /*line*/, void* memory) {
    std::free(memory);
}

/// The memory now belongs to the caller, who frees it with free().
void Heap_unlink(char* /*file*/, int /*line*/, void* /*memory*/) {}

void* Heap_findItem(void* /*memory*/) {
    return nullptr;
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
