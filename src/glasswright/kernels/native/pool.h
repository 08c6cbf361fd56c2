// A small thread pool: threads decide who computes an output, never in what order it is summed.
//
// Each calling thread owns its own pool, so several leaves can be computed at once without meeting.
#pragma once

#include <cstddef>
#include <functional>

namespace gw {

// How many threads (the caller included) kernels called from this thread use. At least 1.
void set_num_threads(int num_threads);
int num_threads();

// Runs body(0) ... body(num_tasks - 1), each exactly once, on the caller and its pool; returns when all are done.
// Every thread runs with round-to-nearest and subnormals kept (rule 1), whatever the process has set.
void parallel_for(std::size_t num_tasks, const std::function<void(std::size_t)>& body);

}  // namespace gw
