package io.github.multiprom.store;

/**
 * What changes in a worker's file as long as it lives, at one moment. Immutable.
 *
 * @param published how far records are published
 * @param beatNanos when it last said that it lives, nanoseconds since the epoch
 * @param monotonicBeatNanos the same by the host's monotonic clock
 */
record LifeSigns(long published, long beatNanos, long monotonicBeatNanos) {}
