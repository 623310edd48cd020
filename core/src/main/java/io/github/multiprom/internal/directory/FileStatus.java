package io.github.multiprom.internal.directory;

import io.github.multiprom.model.Snapshot;
import java.nio.file.Path;

/**
 * What one file of a metrics directory is. Immutable but for the snapshot's arrays.
 *
 * @param file its path
 * @param retained whether it holds, or should hold, the totals of retired workers
 * @param snapshot what it says; null if it cannot be read
 * @param laneCount how many lanes it has
 * @param bytes its length
 * @param problem what is wrong with it; null if nothing is
 */
public record FileStatus(
    Path file, boolean retained, Snapshot snapshot, int laneCount, long bytes, String problem) {}
