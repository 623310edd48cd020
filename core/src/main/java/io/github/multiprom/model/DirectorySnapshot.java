package io.github.multiprom.model;

import java.util.List;
import java.util.Map;

/**
 * Everything that one metrics directory held at one moment: each incarnation exactly once, either
 * among the workers or in the retained totals.
 *
 * @param workers the incarnations that have a file, in ascending order
 * @param retained the totals of retired workers: none if no worker was retired, and in a directory
 *     that users share one for each user
 * @param skipped how many files were left out, or read in part, by reason
 * @param bytes the length of all files that were read
 * @param skippedFiles some of the files that were left out, or read in part
 */
public record DirectorySnapshot(
    List<Snapshot> workers,
    List<Snapshot> retained,
    Map<String, Integer> skipped,
    long bytes,
    List<SkippedFile> skippedFiles) {
  /** One that names no files. */
  public DirectorySnapshot(
      List<Snapshot> workers, List<Snapshot> retained, Map<String, Integer> skipped, long bytes) {
    this(workers, retained, skipped, bytes, List.of());
  }
}
