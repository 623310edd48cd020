package io.github.multiprom.internal.cell;

import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.RefinedCells;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which chunks a native histogram has, and which one counts a value. Thread-safe: chunks are added
 * in the monitor, and looked up without it.
 *
 * <p>A chunk is made when something falls into it. A level has at most {@link #MAX_CHUNKS}; where
 * it is full, the next level, twice as coarse, counts what has no chunk. So there are few chunks,
 * however far values are apart, and what was counted stays where it is.
 */
final class ChunkDirectory {
  /** Most chunks of a level, positive and negative ones together. */
  static final int MAX_CHUNKS = 64;

  static final int NO_PLACE = -1;

  private static final int SIGNS = 3;
  private static final Index EMPTY = new Index(0, new int[0], new Chunk[0]);

  /** The chunks of one sign and level, by their keys. Immutable. */
  record Index(int firstKey, int[] places, Chunk[] chunks) {
    /** The place of the chunk with a key; {@link #NO_PLACE} if it has none, or there is none. */
    int place(int key) {
      int at = key - firstKey;
      return at >= 0 && at < places.length ? places[at] : NO_PLACE;
    }

    private Chunk chunk(int key) {
      int at = key - firstKey;
      return at >= 0 && at < chunks.length ? chunks[at] : null;
    }

    /** The same with another chunk, or with its place by now. */
    private Index with(Chunk chunk) {
      int key = chunk.key.key();
      int first = chunks.length == 0 ? key : Math.min(firstKey, key);
      int end = Math.max(first + 1, Math.max(firstKey + chunks.length, key + 1));
      int[] newPlaces = new int[end - first];
      Chunk[] newChunks = new Chunk[end - first];
      Arrays.fill(newPlaces, NO_PLACE);
      if (chunks.length > 0) {
        System.arraycopy(places, 0, newPlaces, firstKey - first, places.length);
        System.arraycopy(chunks, 0, newChunks, firstKey - first, chunks.length);
      }
      newPlaces[key - first] = chunk.packedPlace();
      newChunks[key - first] = chunk;
      return new Index(first, newPlaces, newChunks);
    }
  }

  final RefinedCells cells;

  // Immutable ones are replaced without a fence: a thread that sees an old one takes the monitor.
  private final Index[][] indexes = new Index[SIGNS][];
  private final int[] sizes;
  private Index positive = EMPTY;

  ChunkDirectory(RefinedCells cells) {
    this.cells = cells;
    sizes = new int[cells.maxLevel() + 1];
    for (int sign = 0; sign < SIGNS; sign++) {
      indexes[sign] = new Index[sizes.length];
      Arrays.fill(indexes[sign], EMPTY);
    }
  }

  /** The positive chunks of level 0, those that nearly all values are in. */
  Index positive() {
    return positive;
  }

  /** The number of a cell of a level. */
  static int number(int exponential, int classic, int level) {
    return (exponential >> level) + classic;
  }

  /**
   * The chunk that counts a value, which is made if need be.
   *
   * @param exponential its exponential bucket
   * @param classic its classic bucket, counted in the direction of growing magnitudes
   */
  Chunk chunk(int sign, int exponential, int classic) {
    Chunk found = find(sign, exponential, classic);
    return found != null ? found : make(sign, exponential, classic);
  }

  private Chunk find(int sign, int exponential, int classic) {
    for (int level = 0; level < sizes.length; level++) {
      int key = number(exponential, classic, level) >> RefinedCells.CHUNK_BITS;
      Chunk found = indexes[sign][level].chunk(key);
      if (found != null || !isFull(sign, level)) {
        return found;
      }
    }
    return null;
  }

  private synchronized Chunk make(int sign, int exponential, int classic) {
    Chunk found = find(sign, exponential, classic);
    if (found != null) {
      return found;
    }
    int level = 0;
    while (isFull(sign, level)) {
      level++;
    }
    int key = number(exponential, classic, level) >> RefinedCells.CHUNK_BITS;
    return add(new ChunkKey(sign, level, key));
  }

  /** The chunk with a key, which is made if need be. */
  synchronized Chunk chunk(ChunkKey key) {
    Chunk found = indexes[key.sign()][key.level()].chunk(key.key());
    return found != null ? found : add(key);
  }

  /** The last level takes all that is left, and there is little around zero. */
  private boolean isFull(int sign, int level) {
    return sign != RefinedCells.ZERO && level < sizes.length - 1 && sizes[level] >= MAX_CHUNKS;
  }

  private Chunk add(ChunkKey key) {
    Chunk chunk = new Chunk(key);
    sizes[key.level()] += key.sign() == RefinedCells.ZERO ? 0 : 1;
    note(chunk);
    return chunk;
  }

  /** Notes a chunk, or that it has a place now. */
  synchronized void note(Chunk chunk) {
    Index[] levels = indexes[chunk.key.sign()];
    levels[chunk.key.level()] = levels[chunk.key.level()].with(chunk);
    if (chunk.key.sign() == RefinedCells.POSITIVE && chunk.key.level() == 0) {
      positive = levels[0];
    }
  }

  /** The total of all cells in the shared lane. Allocates nothing. */
  synchronized double sharedTotal() {
    double total = 0;
    for (Index[] levels : indexes) {
      for (Index index : levels) {
        for (Chunk chunk : index.chunks) {
          total += chunk == null ? 0 : chunk.sharedTotal();
        }
      }
    }
    return total;
  }

  /** All chunks. */
  synchronized List<Chunk> all() {
    List<Chunk> all = new ArrayList<>();
    for (Index[] levels : indexes) {
      for (Index index : levels) {
        for (Chunk chunk : index.chunks) {
          if (chunk != null) {
            all.add(chunk);
          }
        }
      }
    }
    return all;
  }
}
