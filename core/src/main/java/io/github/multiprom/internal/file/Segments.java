package io.github.multiprom.internal.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Memory that grows by segments, which never move and never shrink. One thread at a time. */
interface Segments extends Closeable {
  /**
   * Adds a segment of zeros.
   *
   * @param offset where the segment starts: the end of the one before
   * @param length bytes, a multiple of {@link WorkerFileLayout#SEGMENT_ALIGNMENT}
   * @throws IOException if there is no space; nothing was added then
   */
  ByteBuffer add(long offset, int length) throws IOException;

  /** Whether others still find these segments under the name that they were given. */
  boolean isReachable();

  @Override
  void close();
}
