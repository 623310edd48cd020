package io.github.multiprom.internal.directory;

import io.github.multiprom.model.DirectorySnapshot;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The reading half of a store. Thread-safe; one read at a time. Who uses a result while others may
 * read holds the reader's monitor.
 */
public interface SnapshotReader extends AutoCloseable {
  /**
   * Reads every incarnation. The arrays in the result are filled anew by the next call.
   *
   * <p>A file that cannot be read is left out or served from its last snapshot, and counted.
   *
   * @throws IOException if the directory itself cannot be read
   */
  DirectorySnapshot read() throws IOException;

  /** The directory whose workers in this JVM sample before a read; null for none. */
  default Path directory() {
    return null;
  }

  @Override
  void close();
}
