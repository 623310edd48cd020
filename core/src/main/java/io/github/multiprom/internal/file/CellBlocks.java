package io.github.multiprom.internal.file;

import java.nio.ByteBuffer;

/** Where the blocks of cells of one worker lie. One thread at a time. */
public interface CellBlocks {
  /**
   * A block of zeros, little-endian.
   *
   * @param position where it starts, as records tell it
   */
  record Block(long position, ByteBuffer bytes) {}

  /**
   * Adds a block, which never moves.
   *
   * @param length bytes
   * @return null if there is no room, so that it must lie elsewhere
   */
  Block add(int length);

  /** Whether others still find the blocks. */
  boolean isReachable();

  /** Gives up what is needed to add blocks; those that were added stay. */
  void close();
}
