package io.github.multiprom.model;

import java.util.Comparator;

/**
 * Which of the chunks of a native histogram's cells it is; see {@link RefinedCells}. Immutable.
 *
 * @param sign {@link RefinedCells#ZERO}, {@link RefinedCells#POSITIVE} or {@link
 *     RefinedCells#NEGATIVE}
 * @param level how much coarser than the schema it counts
 * @param key the number of its first cell, divided by {@link RefinedCells#CHUNK_CELLS}
 */
public record ChunkKey(int sign, int level, int key) implements Comparable<ChunkKey> {
  private static final Comparator<ChunkKey> ORDER =
      Comparator.comparingInt(ChunkKey::sign)
          .thenComparingInt(ChunkKey::level)
          .thenComparingInt(ChunkKey::key);

  @Override
  public int compareTo(ChunkKey other) {
    return ORDER.compare(this, other);
  }
}
