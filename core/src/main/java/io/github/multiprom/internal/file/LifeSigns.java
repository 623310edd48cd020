package io.github.multiprom.internal.file;

/**
 * What changes in a worker's file as long as it lives, at one moment. Where later ones differ, it
 * lived in between. Immutable.
 *
 * @param exitNanos when it announced its exit, nanoseconds since the epoch; 0 if it did not
 * @param beatNanos when it last said that it lives, by the host's monotonic clock; 0 if it did not
 * @param published how far records are published
 */
public record LifeSigns(long exitNanos, long beatNanos, long published) {}
