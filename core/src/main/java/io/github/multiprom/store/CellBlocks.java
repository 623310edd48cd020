package io.github.multiprom.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the blocks of cells of one worker lie. One thread at a time. */
interface CellBlocks {
  /**
   * A block of zeros, little-endian.
   *
   * @param offset where it starts in its file, a multiple of {@link
   *     WorkerFileLayout#BLOCK_ALIGNMENT}
   */
  record Block(long offset, ByteBuffer bytes) {}

  /**
   * Adds a block, which never moves.
   *
   * @param length bytes
   * @throws IOException if there is no space
   */
  Block add(int length) throws IOException;

  /** Whether others still find the blocks. */
  boolean isReachable();
}
