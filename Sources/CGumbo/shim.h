// gumbo, with an arena under it.
//
// gumbo frees a tree by recursion, which overflows the stack on deep input, and some input makes it work or allocate
// out of proportion. Here everything it allocates comes from chunks that are freed together, and a parse that goes
// over its budget of memory or of processor time is left by longjmp from the allocator. gumbo holds nothing but memory,
// so nothing is lost by that.
#ifndef POSTROOM_CGUMBO_SHIM_H
#define POSTROOM_CGUMBO_SHIM_H

#include <gumbo.h>
#include <setjmp.h>
#include <stdlib.h>
#include <time.h>

struct gumbo_arena_chunk {
  struct gumbo_arena_chunk *next;
  void *padding;
};

struct gumbo_arena {
  struct gumbo_arena_chunk *chunks;
  char *free_start;
  char *last;
  size_t free_size;
  size_t bytes_left;
  long microseconds_left;
  unsigned allocations;
  jmp_buf *over_budget;
};

static inline long gumbo_arena_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static void *gumbo_arena_allocate(void *context, size_t size) {
  struct gumbo_arena *arena = (struct gumbo_arena *)context;
  size = (size + 7) & ~(size_t)7;
  if ((++arena->allocations & 255) == 0 && gumbo_arena_clock() > arena->microseconds_left)
    longjmp(*arena->over_budget, 1);
  if (size > arena->free_size) {
    size_t wanted = size > (1 << 16) ? size : (1 << 16);
    struct gumbo_arena_chunk *chunk = NULL;
    if (wanted <= arena->bytes_left) chunk = (struct gumbo_arena_chunk *)malloc(sizeof *chunk + wanted);
    if (chunk == NULL) longjmp(*arena->over_budget, 1);
    arena->bytes_left -= wanted;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->free_start = (char *)(chunk + 1);
    arena->free_size = wanted;
  }
  char *memory = arena->free_start;
  arena->last = memory;
  arena->free_start += size;
  arena->free_size -= size;
  return memory;
}

// What was allocated last is taken back: gumbo's buffers of a tag and of a text live that long. All else waits.
static void gumbo_arena_release(void *context, void *memory) {
  struct gumbo_arena *arena = (struct gumbo_arena *)context;
  if (memory == NULL || memory != arena->last) return;
  arena->free_size += arena->free_start - arena->last;
  arena->free_start = arena->last;
  arena->last = NULL;
}

// The tree of `text`, or NULL when it needs more than `bytes` of memory or `microseconds` of processor time. The tree
// lives until gumbo_arena_free. `text` must stay where it is as long as the tree is used.
__attribute__((noinline)) static GumboOutput *gumbo_arena_parse(
    struct gumbo_arena *arena, const char *text, size_t length, size_t bytes, long microseconds) {
  jmp_buf over_budget;
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = gumbo_arena_allocate;
  options.deallocator = gumbo_arena_release;
  options.userdata = arena;
  options.max_errors = 0;
  arena->bytes_left = bytes;
  arena->microseconds_left = gumbo_arena_clock() + microseconds;
  arena->over_budget = &over_budget;
  if (setjmp(over_budget) != 0) return NULL;
  return gumbo_parse_with_options(&options, text, length);
}

static inline void gumbo_arena_free(struct gumbo_arena *arena) {
  struct gumbo_arena_chunk *chunk = arena->chunks;
  while (chunk != NULL) {
    struct gumbo_arena_chunk *next = chunk->next;
    free(chunk);
    chunk = next;
  }
  arena->chunks = NULL;
  arena->free_size = 0;
}

// The element at an index of a node's children; gumbo's vectors are arrays of untyped pointers.
static inline GumboNode *gumbo_child_at(const GumboVector *children, unsigned index) {
  return (GumboNode *)children->data[index];
}

#endif
