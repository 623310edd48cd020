package io.github.multiprom.internal.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What a reader needs of a worker file: reads at a position. One reading thread.
 *
 * <p>What is read into a direct buffer is read without a copy in between.
 */
public interface ByteSource extends Closeable {
  /**
   * Fills the buffer from a position on.
   *
   * @return whether the buffer was filled; false if the bytes end before
   */
  boolean read(ByteBuffer into, long position) throws IOException;

  /** Current length in bytes. */
  long size() throws IOException;

  /** Whether another file has taken the name. A reader then opens that file as a new one. */
  default boolean isReplaced() {
    return false;
  }
}
