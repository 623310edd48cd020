package io.github.multiprom.exposition.webconfig;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Reads files and tells whether they have changed since. One thread while it reads. */
final class WatchedFiles {
  /** A file that was written this lately may be half there, or change without a new time. */
  private static final long SETTLED_MS = 2_000;

  private final Map<Path, FileTime> times = new HashMap<>();
  // Of empty files, since when they have been seen so; System.nanoTime().
  private final Map<Path, Long> emptySince = new HashMap<>();
  private final Map<Path, Long> emptyBefore;
  private boolean settled = true;

  /** Reads files for the first time. */
  WatchedFiles() {
    emptyBefore = Map.of();
  }

  /** Reads files again. */
  WatchedFiles(WatchedFiles before) {
    emptyBefore = before.emptySince;
  }

  /**
   * The content of a file.
   *
   * @throws IOException if it cannot be read, with a message of one line
   */
  byte[] read(Path file) throws IOException {
    if (!times.containsKey(file)) {
      // Before the content: a change in between is then seen the next time.
      FileTime time = time(file);
      times.put(file, time);
      // A time far in the future is of another clock, and as good as an old one.
      settled &= Math.abs(System.currentTimeMillis() - time.toMillis()) >= SETTLED_MS;
    }
    try {
      byte[] content = Files.readAllBytes(file);
      // Otherwise somebody has begun to write meanwhile, and this may be half of it.
      settled &= time(file).equals(times.get(file));
      // A file that is going to be written is empty a moment before it has a new time.
      settled &= content.length > 0 || isEmptyForLong(file);
      return content;
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new IOException(file + ": access denied", e);
    }
  }

  private boolean isEmptyForLong(Path file) {
    long now = System.nanoTime();
    long since = emptyBefore.getOrDefault(file, now);
    emptySince.put(file, since);
    return now - since >= TimeUnit.MILLISECONDS.toNanos(SETTLED_MS);
  }

  /** Follows others as well, those that it has not read itself. */
  void add(WatchedFiles others) {
    others.times.forEach(times::putIfAbsent);
  }

  /** Whether each had been left alone for some time when it was read, and while it was. */
  boolean settled() {
    return settled;
  }

  /** Whether reading them again may give something else. */
  boolean mayHaveChanged() {
    return !settled
        || times.entrySet().stream().anyMatch(each -> !time(each.getKey()).equals(each.getValue()));
  }

  /** When it was last written; the epoch if it cannot be found. */
  private static FileTime time(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }
}
