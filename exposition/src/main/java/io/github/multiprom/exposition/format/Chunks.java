package io.github.multiprom.exposition.format;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Bytes that grow chunk by chunk, and so without being copied. One thread. */
public final class Chunks extends Bytes {
  /** Large enough to be written at once, small enough for a heap that has nearly no room. */
  private static final int CHUNK_LENGTH = 64 * 1024;

  /** The first bytes of an array. */
  public record Chunk(byte[] bytes, int length) {}

  private final List<Chunk> full = new ArrayList<>();

  public Chunks() {
    super(CHUNK_LENGTH);
  }

  /** Begins another chunk if the last one has no room for that much. */
  @Override
  void need(int more) {
    if (more > array.length - length) {
      endChunk();
      array = new byte[Math.max(CHUNK_LENGTH, more)];
    }
  }

  private void endChunk() {
    if (length > 0) {
      full.add(new Chunk(array, length));
      length = 0;
    }
  }

  @Override
  void add(byte[] from, int start, int end) {
    int next = start;
    while (next < end) {
      need(1);
      int count = Math.min(end - next, array.length - length);
      super.add(from, next, next + count);
      next += count;
    }
  }

  /** How many bytes there are. */
  long total() {
    return full.stream().mapToLong(Chunk::length).sum() + length;
  }

  /** Moves all bytes to the end of others, whole chunks without copying them. */
  void moveTo(Chunks out) {
    if (!full.isEmpty()) {
      out.endChunk();
      out.array = new byte[CHUNK_LENGTH];
      out.full.addAll(full);
      full.clear();
    }
    out.add(array, 0, length);
    length = 0;
  }

  /** Ends the bytes, to which nothing may be added any more. */
  public ExpositionBytes toBytes() {
    endChunk();
    return new ExpositionBytes(full);
  }

  /** A stream that adds to these bytes. */
  OutputStream toStream() {
    return new OutputStream() {
      @Override
      public void write(int b) {
        add((char) b);
      }

      @Override
      public void write(byte[] from, int offset, int count) {
        add(from, offset, offset + count);
      }
    };
  }
}
